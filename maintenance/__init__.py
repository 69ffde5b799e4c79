"""What printers need at intervals, and what was done."""
