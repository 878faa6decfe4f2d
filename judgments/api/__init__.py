"""Judgments and all that leads to them as JSON: the queries and actions of their pages."""
