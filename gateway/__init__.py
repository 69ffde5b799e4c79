"""Between the printers and the rest: polling, listening, and what becomes of a report."""
