"""The demo shop: made-up products of made-up retailers in Google’s real tree."""
