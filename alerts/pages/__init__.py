"""Pages of alerts: channels, the log, quiet hours, and the way out of mails."""
