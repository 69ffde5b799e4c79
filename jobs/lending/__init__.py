"""Printers lent between organisations: the only code that opens two schemas, one after the other (rule 18)."""
