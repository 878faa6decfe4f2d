"""What people think: who judged which product for which page, and how."""
