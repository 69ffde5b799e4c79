"""More of the printers' REST API."""
