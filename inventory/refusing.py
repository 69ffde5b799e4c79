"""Why something can't be done with filament: words for the person."""


class Refused(Exception):
    """The spool or filament is not in a state that allows it."""


class OutOfRange(Refused):
    """The value given can't be true."""
