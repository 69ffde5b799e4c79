"""Pages that read everything: the dashboard."""
