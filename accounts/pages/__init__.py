"""Pages of the platform that are for superadmins."""
