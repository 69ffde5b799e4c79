"""An organisation's printers: what they are, how they are reached, what they say."""
