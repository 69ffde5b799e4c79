"""People: accounts, sign-in, passwords, mail."""
