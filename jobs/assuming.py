"""What a file leaves open is taken from the organisation's usual filament. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

Wish = dict[str, Any]


def with_usual(
    wishes: Iterable[Wish], uses: Iterable[Mapping[str, Any]], material: str, color: str
) -> list[Wish]:
    """`wishes` and, for each filament that neither the file nor a wish names, one for `material`.

    The job keeps them as if they had been wished, so that it prints the same when the usual one is changed.
    """
    found = {wish["index"]: dict(wish) for wish in wishes}
    for use in uses if material else ():
        said = found.get(use["index"], {})
        if use["material"] or said.get("material") or said.get("spool_id"):
            continue
        usual = {"material": material, **({"color": color.upper()} if color and not use["color"] else {})}
        found[use["index"]] = {"index": use["index"], **usual, **said}
    return [found[index] for index in sorted(found)]
