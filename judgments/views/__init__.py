"""The pages of the judgments app, one subject a file."""
