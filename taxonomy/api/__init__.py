"""The tree, its texts, versions and imports as JSON: the queries and actions of their pages."""
