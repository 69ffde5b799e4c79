"""Cuts blocks of G-code into lines and reads the numbers of plain moves, all lines of a block at once."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Bytes = npt.NDArray[np.uint8]

WORDS = "XYZEIJR"
X, Y, Z, E, CENTRE_X, CENTRE_Y, RADIUS = range(7)

# The kinds of bytes. 0 is a digit and 1 to 7 are the letters of WORDS, so a word's row is its kind less one.
NEWLINE, CUT, DOT, SIGN, BLANK, LETTER, OTHER = range(8, 15)
# More digits than this are left to the exact reader; fewer are exact in a float until the one division.
LONGEST_NUMBER = 14
TENS = 10.0 ** np.arange(LONGEST_NUMBER + 2)


def _kind(byte: int) -> int:
    text = chr(byte).upper()
    if text in "0123456789":
        return 0
    if text in WORDS:
        return WORDS.index(text) + 1
    if "A" <= text <= "Z" and byte < 128:
        return LETTER
    return {
        "\n": NEWLINE,
        ";": CUT,
        "*": CUT,
        ".": DOT,
        "+": SIGN,
        "-": SIGN,
        " ": BLANK,
        "\t": BLANK,
        "\r": BLANK,
    }.get(text, OTHER)


KINDS = bytes(_kind(byte) for byte in range(256))
DIGITS = bytes(byte - 48 if 48 <= byte < 58 else 0 for byte in range(256))
ENDS_NUMBER = np.array(
    [0 < kind <= len(WORDS) or kind in (NEWLINE, CUT, BLANK, LETTER) for kind in range(15)]
)


def _bytes_where(wanted: str) -> Flags:
    return np.array([chr(byte).upper() in wanted for byte in range(256)])


IS_G, IS_M, IS_MOVE = _bytes_where("G"), _bytes_where("M"), _bytes_where("0123")
IS_MODE = _bytes_where("08")
IS_TOOL, IS_DIGIT = _bytes_where("T"), _bytes_where("0123456789")
IS_SHIFT, IS_S, IS_E = _bytes_where("24"), _bytes_where("S"), _bytes_where("E")
IS_SPACE, IS_NUMBERED = np.arange(256) <= 32, _bytes_where("N")
# First letters of the marks that `commands` knows; all other comments are not even looked at.
IS_MARK = _bytes_where("TWLFMECB")


@dataclass(slots=True)
class Lines:
    """A block's lines: where each starts and stops, its move's number or -1, its words or NaN."""

    starts: Ints
    stops: Ints
    commands: npt.NDArray[np.int8]
    words: Floats
    unusual: Ints


def split(block: bytes) -> Lines:
    """The lines of `block`, which must end with a newline; `unusual` are those that need the exact reader."""
    raw = np.frombuffer(block + b"\n" * 8, np.uint8)
    kinds = np.frombuffer(block.translate(KINDS) + bytes((NEWLINE, NEWLINE)), np.uint8)
    places = np.flatnonzero(kinds[: len(block)])
    found = kinds[places]
    newlines = np.flatnonzero(found == NEWLINE)
    stops = places[newlines]
    starts = np.concatenate(([0], stops[:-1] + 1))
    first, second = raw[starts], raw[starts + 1]
    # A line that is only a newline reads into its neighbours here; its first byte keeps it out of both sets.
    after = kinds[starts + 2]
    plain = IS_G[first] & IS_MOVE[second] & ENDS_NUMBER[after]
    line_of = np.repeat(np.arange(len(stops)), np.diff(newlines, prepend=-1))
    tokens = np.flatnonzero((found <= len(WORDS)) | (found == OTHER))
    tokens = tokens[plain[line_of[tokens]]]
    tokens = tokens[_before_comment(tokens, found, newlines, line_of)]
    odd = found[tokens] == OTHER
    plain[line_of[tokens[odd]]] = False
    tokens = tokens[~odd]
    exponents = _exponents(tokens, line_of, starts, (raw, kinds, found, places))
    words, broken = _words(tokens, line_of[tokens], len(stops), (block, places, found))
    broken = np.concatenate((broken, exponents))
    plain[broken] = False
    words[:, broken] = np.nan
    commands = np.where(plain, second.astype(np.int8) - 48, -1).astype(np.int8)
    unusual = np.flatnonzero(~plain & _needs_a_look(raw, starts, stops))
    return Lines(starts, stops, commands, words, unusual)


def _before_comment(tokens: Ints, found: Bytes, newlines: Ints, line_of: Ints) -> Flags:
    """Which tokens stand before their line's comment or checksum."""
    cuts = np.flatnonzero(found == CUT)
    first_cut = newlines.copy()
    # Written backwards so that of several in a line the first stays.
    first_cut[line_of[cuts[::-1]]] = cuts[::-1]
    before: Flags = tokens < first_cut[line_of[tokens]]
    return before


def _exponents(tokens: Ints, line_of: Ints, starts: Ints, source: tuple[Bytes, Bytes, Bytes, Ints]) -> Ints:
    """The lines that may hold a number like 1e308: an E right behind a digit, though no word of its own."""
    raw, kinds, found, places = source
    chosen = tokens[found[tokens] == E + 1]
    at = places[chosen]
    glued = kinds[at - 1] == 0
    if not glued.any():
        return np.empty(0, np.int64)
    lines = line_of[chosen]
    again = np.zeros(len(lines), np.bool_)
    again[1:] = lines[1:] == lines[:-1]
    small = (raw[at] == ord("e")) & (raw[starts[lines]] == ord("G"))
    odd: Ints = lines[(glued & (small | (raw[at + 1] == ord("+")))) | again]
    return odd


def _words(tokens: Ints, lines: Ints, count: int, source: tuple[bytes, Ints, Bytes]) -> tuple[Floats, Ints]:
    """The numbers behind `tokens` as a table (word, line), and the lines whose numbers are not plain."""
    block, places, found = source
    begin = places[tokens] + 1
    following = tokens + 1
    signed = (found[following] == SIGN) & (places[following] == begin)
    following += signed
    start = begin + signed
    dotted = found[following] == DOT
    dot = places[following]
    following += dotted
    stop = places[following]
    length = stop - start
    digits = length - dotted
    good = ENDS_NUMBER[found[following]] & (digits >= 1) & (length <= LONGEST_NUMBER)
    fraction = np.where(dotted, stop - dot - 1, 0)
    if not good.all():
        start, stop, length, fraction = start[good], stop[good], length[good], fraction[good]
        dotted, signed, begin = dotted[good], signed[good], begin[good]
    value = _numbers(
        np.frombuffer(block.translate(DIGITS), np.uint8), stop, length, np.where(dotted, fraction, -1)
    )
    negative = signed & (np.frombuffer(block, np.uint8)[begin] == ord("-"))
    np.negative(value, out=value, where=negative)
    words = np.full((len(WORDS), count), np.nan)
    words[found[tokens[good]] - 1, lines[good]] = value
    return words, lines[~good]


def _numbers(digits: Bytes, stop: Ints, length: Ints, fraction: Ints) -> Floats:
    """Decimal numbers that end before `stop`; `fraction` counts digits behind the point, -1 without one.

    The point counts as a digit 0 at first and is taken out after, so one pass serves all widths. Every step
    but the last division is exact, so the result is the nearest float, as Python's own would be.
    """
    value = np.zeros(len(stop))
    longest = int(length.max(initial=0))
    for place in range(longest):
        digit = digits[stop - (place + 1)] * (length > place)
        value += np.multiply(digit, TENS[place], dtype=np.float64)
    pointed = fraction >= 0
    scale = TENS[np.maximum(fraction, 0)]
    above = np.floor(value / (scale * 10.0))
    shifted = (value - above * (scale * 10.0) + above * scale) / scale
    return np.where(pointed, shifted, value)


def _needs_a_look(raw: Bytes, starts: Ints, stops: Ints) -> Flags:
    first, second = raw[starts], raw[starts + 1]
    third = raw[starts + 2]
    mark = np.where(second == 32, third, second)
    comment = (first == ord(";")) & IS_MARK[mark]
    mode = (IS_M[first] & IS_MODE[second]) | (IS_TOOL[first] & IS_DIGIT[second])
    spaced = IS_SPACE[first] & (stops - starts > 1)
    look: Flags = comment | mode | spaced | IS_G[first] | IS_NUMBERED[first]
    shift = np.flatnonzero((IS_M[first] & IS_SHIFT[second]) | (IS_S[first] & IS_E[second]))
    if len(shift):
        look[shift] = _shifts(raw, starts[shift])
    return look


def _shifts(raw: Bytes, starts: Ints) -> Flags:
    """Which of some lines may be M206, M428 or SET_GCODE_OFFSET; M204 and its like stand at every wall."""
    second, third, fourth = (raw[starts + place] for place in (1, 2, 3))
    home = (second == ord("2")) & (third == ord("0")) & (fourth == ord("6"))
    home |= (second == ord("4")) & (third == ord("2")) & (fourth == ord("8"))
    klipper = IS_E[second] & (fourth == ord("_")) & IS_G[raw[starts + 4]]
    found: Flags = home | klipper
    return found
