"""Names of files and models as people gave them, made fit to show. Never used as a path."""

import re
import unicodedata
from pathlib import PurePosixPath

LONGEST_FILE_NAME = 200
LONGEST_MODEL_NAME = 160
LONGEST_COLLECTION = 60
ENDINGS = (".gcode.3mf", ".gcode", ".gco", ".g", ".bgcode", ".bgc", ".3mf", ".stl")
# What slicers put behind a name, and what changes whenever one slices again: _1d2h3m, _12m34s.
PRINT_TIME = re.compile(r"_(?=\d)(\d+d)?(\d+h)?(\d+m)?(\d+s)?$", re.ASCII | re.IGNORECASE)
# Emoji of several parts are joined by it; the other invisible characters only mislead.
JOINER = "\N{ZERO WIDTH JOINER}"


def clean_name(given: str, fallback: str = "file") -> str:
    """The last part of `given`, one line, without invisible characters, at most 200 long with its ending."""
    last = re.split(r"[\\/]", given)[-1]
    name = clean_text(last)
    if not name.strip(". "):
        return fallback
    if len(name) > LONGEST_FILE_NAME:
        ending = "".join(PurePosixPath(name).suffixes[-2:])[-20:]
        name = name[: LONGEST_FILE_NAME - len(ending)] + ending
    return name


def clean_text(given: str) -> str:
    """`given` as one line without control characters, bidirectional overrides and half characters."""
    visible = "".join(
        " " if char.isspace() else char
        for char in given
        if char.isspace() or char == JOINER or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co")
    )
    return " ".join(visible.split())


def clean_notes(given: str) -> str:
    """`given` with its lines, without control characters and half characters."""
    kept = (char for char in given if char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cs"))
    return "".join(kept).strip()


def model_name(file_name: str) -> str:
    """What a model is called if nobody said: its file's name without the ending, at most 160 long."""
    return _without_ending(file_name)[:LONGEST_MODEL_NAME]


def lasting_name(file_name: str) -> str:
    """The model's name that stays the same however often a slicer sends it: without a print time too."""
    return without_time(_without_ending(file_name))[:LONGEST_MODEL_NAME].strip()


def without_time(name: str) -> str:
    return PRINT_TIME.sub("", name).strip() or name


def _without_ending(file_name: str) -> str:
    lowered = file_name.lower()
    ending = next((ending for ending in ENDINGS if lowered.endswith(ending)), "")
    bare = file_name.removesuffix(file_name[len(file_name) - len(ending) :]) if ending else file_name
    return bare.strip() or file_name
