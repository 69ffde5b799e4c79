"""What happened: who did what to what, in the public schema and in every organisation's."""
