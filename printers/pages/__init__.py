"""The pages of the printers."""
