"""Many people judging at once over HTTP, none of them gentle, and what the rows say of it."""
