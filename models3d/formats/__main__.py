"""Reads a file in a process of its own: `python -m models3d.formats PATH NAME [PREVIEW]` prints its facts.

They come as JSON. The layers of a sliced file are written to PREVIEW, which stays empty where there are none.

The worker runs this as a child with a time limit, because uploads are never trusted: memory is bounded here,
and whatever goes wrong ends in `{"unreadable": ...}` or in the death of this process only.
"""

import json
import os
import resource
import sys
from contextlib import suppress
from pathlib import Path

from models3d.formats.layers import Book
from models3d.formats.metadata import Metadata, Source, UnreadableFile
from models3d.formats.readers import read
from models3d.formats.serialising import to_json

MOST_MEMORY_BYTES = 1536 * 1024 * 1024


def _bound_memory() -> None:
    """Bound what is allocated from now on; numpy has mapped room for a thread of each core, used or not."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    pages = Path("/proc/self/statm")
    mapped = int(pages.read_text().split()[0]) * resource.getpagesize() if pages.exists() else 0
    most = mapped + MOST_MEMORY_BYTES
    if hard != resource.RLIM_INFINITY:
        most = min(most, hard)
    resource.setrlimit(resource.RLIMIT_AS, (most, hard))


def _read(path: str, name: str, preview: str = "") -> Metadata:
    metadata = None
    # A full disk costs the preview, not the facts.
    with suppress(OSError), Path(preview or os.devnull).open("w+b") as file:
        book = Book(file)
        metadata = read(Source(Path(path), name, book if preview else None))
        book.finish()
    return metadata or read(Source(Path(path), name))


def main(arguments: list[str]) -> int:
    """Print one JSON document; 0 whenever there is one, 2 for a wrong call."""
    if len(arguments) not in (2, 3):
        sys.stderr.write("usage: python -m models3d.formats PATH NAME [PREVIEW]\n")
        return 2
    _bound_memory()
    try:
        answer = to_json(_read(*arguments))
    except UnreadableFile as problem:
        answer = {"unreadable": str(problem)}
    except MemoryError:
        answer = {"unreadable": "The file needs more memory to read than any print file should."}
    sys.stdout.write(json.dumps(answer, allow_nan=False) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
