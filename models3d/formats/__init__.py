"""Print files: what they are and what they say; one module a member of the family."""
