"""Printers lent between organisations: only this code opens two schemas, one after the other (rule 18)."""
