"""What exists: categories, their names, retailers, products and where products are filed."""
