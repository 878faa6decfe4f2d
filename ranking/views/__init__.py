"""What people see of rankings."""
