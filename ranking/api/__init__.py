"""Runs, rankings, rules and what the shop shows as JSON: the queries and actions of their pages."""
