"""What people see of what exists."""
