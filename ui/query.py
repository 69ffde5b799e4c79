"""Query strings: what a list shows is in its address, so that it can be sent, saved and gone back to."""

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict


def changed(current: QueryDict, changes: Mapping[str, Any]) -> str:
    """The query string with `changes` made: None removes, a list stands for several; at least "?".

    Any change goes back to page one unless it is the page that changes.
    """
    query = current.copy()
    if "page" not in changes:
        query.pop("page", None)
    for name, value in changes.items():
        if value is None:
            query.pop(name, None)
        elif isinstance(value, list | tuple):
            query.setlist(name, [str(one) for one in value])
        else:
            query[name] = str(getattr(value, "value", value))
    return f"?{query.urlencode()}"


def without(current: QueryDict, name: str, value: str) -> str:
    """The query string without one value of a parameter that may have several."""
    kept = [one for one in current.getlist(name) if one != value]
    return changed(current, {name: kept or None})
