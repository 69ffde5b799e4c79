"""What every part of the REST API shares: routers, lists, errors, idempotency."""
