"""The pages of this app beside the dashboard."""
