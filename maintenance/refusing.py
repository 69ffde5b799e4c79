"""Why something can't be done with maintenance: words for the person."""


class Refused(Exception):
    """It is not as it was when the page was made, or its state does not allow it."""
