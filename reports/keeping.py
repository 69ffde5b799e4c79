"""The files of a report that was made: kept below the organisation's folder, exactly as they were sent."""

from collections.abc import Iterable
from dataclasses import fields
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from orgs.current import current_org

from .making import Made


def keep(made: Made) -> dict[str, str]:
    """Store what there is of `made`; the path of each by its name, which is its field of Run."""
    stem = f"orgs/{current_org().pk}/reports/{uuid4().hex}"
    parts = {part.name: getattr(made, part.name) for part in fields(made)}
    endings = {"text": "txt"}
    return {
        name: default_storage.save(f"{stem}.{endings.get(name, name)}", ContentFile(data))
        for name, data in parts.items()
        if data
    }


def read(path: str) -> bytes:
    """The bytes at `path`; FileNotFoundError if somebody removed them."""
    with default_storage.open(path) as file:
        return bytes(file.read())


def discard(paths: Iterable[str]) -> None:
    for path in filter(None, paths):
        default_storage.delete(path)
