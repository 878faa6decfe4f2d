"""What the machine thinks: runs, the ranking of each page, and why."""
