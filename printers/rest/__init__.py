"""Parts of the queue's REST API."""
