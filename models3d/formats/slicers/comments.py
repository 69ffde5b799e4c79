"""The comments at a G-code's head and tail, as keys and values that remember where they stood."""

import re
from dataclasses import dataclass

# Two plain searches: one pattern over both would take hours on a file of nothing but beginnings.
BEGIN = re.compile(r"^; (?:CONFIG_BLOCK_START|\w{1,40}_config = begin)", re.MULTILINE)
END = re.compile(r"^; (?:CONFIG_BLOCK_END|\w{1,40}_config = end)", re.MULTILINE)
PAIR = re.compile(r"^;[ \t]*([^=:;\r\n]{1,80}?)[ \t]*([=:])[ \t]*([^\r\n]*)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Found:
    """A value and where it was read, such as "tail: bed_shape"."""

    value: str
    origin: str


class Comments:
    """Case does not count in keys. A framed configuration is asked first, then the tail, then the head."""

    def __init__(self, head: bytes, tail: bytes) -> None:
        self.head = head.decode("utf-8", "replace")
        self.tail = tail.decode("utf-8", "replace")
        # Of a repeated key the one nearest the file's end, or start, is the slicer's own.
        self._places = {
            "configuration": _pairs(_framed(self.tail) or _framed(self.head)),
            "tail": _pairs(self.tail),
            "head": _pairs(self.head, first_wins=True),
        }

    def find(self, *keys: str, sign: str = "") -> Found | None:
        """The first of `keys` that is there and not empty; `sign` asks for only "=" or ":" pairs."""
        for key in keys:
            for place, pairs in self._places.items():
                for one in sign or "=:":
                    value = pairs.get((key.lower(), one), "")
                    if value and value != '""':
                        return Found(value, f"{place}: {key}")
        return None

    def text(self, *keys: str) -> str:
        found = self.find(*keys)
        return found.value if found else ""


def _framed(text: str) -> str:
    begin = BEGIN.search(text)
    end = END.search(text, begin.end()) if begin else None
    return text[begin.end() : end.start()] if begin and end else ""


def _pairs(text: str, *, first_wins: bool = False) -> dict[tuple[str, str], str]:
    matches = [(match[1].lower(), match[2], match[3].rstrip()) for match in PAIR.finditer(text)]
    if first_wins:
        matches.reverse()
    return {(key, sign): value for key, sign, value in matches}
