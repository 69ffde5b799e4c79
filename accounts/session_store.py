"""Django's sessions, in the database and the cache, by keys that can be one."""

from django.contrib.sessions.backends import cached_db


class SessionStore(cached_db.SessionStore):
    def _validate_session_key(self, key: str | None) -> bool:
        """A cookie may hold anything, NUL too, for which the database can't even be asked."""
        is_long_enough = super()._validate_session_key(key)  # type: ignore[misc]  # not in the stubs
        return bool(is_long_enough) and str(key).isascii() and str(key).isalnum()
