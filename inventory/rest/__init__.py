"""More of the REST API of filament."""
