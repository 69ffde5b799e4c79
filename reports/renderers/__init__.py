"""What becomes of a report: parts of a page, a sheet, plain data. None of them asks the database."""
