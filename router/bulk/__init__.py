"""Numbers and their routes as tables: CSV and Excel workbooks into the configuration folder, and out of it."""
