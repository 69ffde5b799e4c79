"""The pages of channels: one's own, the organisation's, the log, and the way out of mails."""
