"""The comments at a G-code's head and tail, as keys and values that remember where they stood."""

import re
from dataclasses import dataclass

# Two plain searches: one pattern over both would take hours on a file of nothing but beginnings.
BEGIN = re.compile(r"^; (?:CONFIG_BLOCK_START|\w{1,40}_config = begin)", re.MULTILINE)
END = re.compile(r"^; (?:CONFIG_BLOCK_END|\w{1,40}_config = end)", re.MULTILINE)
PAIR = re.compile(r"^;[ \t]*([^=:;\r\n]{1,80}?)[ \t]*([=:])[ \t]*([^\r\n]*)", re.MULTILINE)
EMPTY = re.compile(r'(?:"")?(?:[;,](?:"")?)*')

# By key in lower case and its sign, "=" or ":".
Pairs = dict[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class Found:
    """A value and where it was read, such as "tail: bed_shape"."""

    value: str
    origin: str


class Comments:
    """Case does not count in keys. A framed configuration is asked first, then the tail, then the head.

    `before` and `after` are what stands beside the G-code in the same file, asked before or after all that.
    """

    def __init__(
        self,
        head: bytes,
        tail: bytes,
        *,
        before: dict[str, Pairs] | None = None,
        after: dict[str, Pairs] | None = None,
    ) -> None:
        self.head, self.tail = decoded(head), decoded(tail)
        # Of a repeated key the one nearest the file's end, or start, is the slicer's own.
        self._places = {
            **(before or {}),
            "configuration": _pairs(_framed(self.tail) or _framed(self.head)),
            "tail": _pairs(self.tail),
            "head": _pairs(self.head, first_wins=True),
            **(after or {}),
        }

    def find(self, *keys: str, sign: str = "") -> Found | None:
        """The first of `keys` that is there and not empty; `sign` asks for only "=" or ":" pairs."""
        for key in keys:
            for place, pairs in self._places.items():
                for one in sign or "=:":
                    value = pairs.get((key.lower(), one), "")
                    if EMPTY.fullmatch(value) is None:
                        return Found(value, f"{place}: {key}")
        return None

    def text(self, *keys: str) -> str:
        found = self.find(*keys)
        return found.value if found else ""

    def match(self, pattern: re.Pattern[str], name: str) -> Found | None:
        """The first group of `pattern` in the tail or else the head; `name` says in the origin what it is."""
        for place, text in (("tail", self.tail), ("head", self.head)):
            match = pattern.search(text)
            if match:
                return Found(match[1], f"{place}: {name}")
        return None


def decoded(data: bytes) -> str:
    """The text as UTF-8; a line that is none is read as Windows would have written it."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return "\n".join(map(_line, data.split(b"\n")))


def _line(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _framed(text: str) -> str:
    begin = BEGIN.search(text)
    end = END.search(text, begin.end()) if begin else None
    return text[begin.end() : end.start()] if begin and end else ""


def _pairs(text: str, *, first_wins: bool = False) -> Pairs:
    matches = [(match[1].lower(), match[2], match[3].rstrip()) for match in PAIR.finditer(text)]
    if first_wins:
        matches.reverse()
    return {(key, sign): value for key, sign, value in matches}
