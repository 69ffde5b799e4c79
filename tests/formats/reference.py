"""The plain line-by-line reader of the facts document: slow, exact, and what the fast one must equal."""

import math
import re

WORD = re.compile(r"([A-Z])\s*([-+]?(?:\d+\.?\d*|\.\d+))")
CODE = re.compile(r"\s*(?:N\d+\s*)?([GM])0*(\d+)(\.\d+)?")
BODY_ON = (
    ";LAYER_CHANGE",
    "; CHANGE_LAYER",
    ";LAYER:0",
    "; MACHINE_START_GCODE_END",
    "; LAYER 1,",
    "; BEGIN_LAYER",
)
BODY_OFF = ("; EXECUTABLE_BLOCK_END", ";END OF GCODE")
NO_PRINT = (";TYPE:CUSTOM", "; FEATURE: CUSTOM")


class Box:
    def __init__(self):
        self.lo, self.hi = [math.inf] * 3, [-math.inf] * 3

    def add(self, p):
        for k in range(3):
            self.lo[k] = min(self.lo[k], p[k])
            self.hi[k] = max(self.hi[k], p[k])


def arc_points(x0, y0, x1, y1, i, j, clockwise):
    cx, cy, r = x0 + i, y0 + j, math.hypot(i, j)
    a0, a1 = math.atan2(y0 - cy, x0 - cx), math.atan2(y1 - cy, x1 - cx)
    sweep = (a0 - a1 if clockwise else a1 - a0) % (2 * math.pi)
    if sweep < 1e-9:
        sweep = 2 * math.pi
    yield x1, y1
    for k in range(4):
        q = k * math.pi / 2
        if (a0 - q if clockwise else q - a0) % (2 * math.pi) <= sweep:
            yield cx + r * math.cos(q), cy + r * math.sin(q)


def centre(x0, y0, x1, y1, r, clockwise):
    dx, dy = x1 - x0, y1 - y0
    d = math.hypot(dx, dy)
    if d == 0:
        raise ValueError("R arc without end point")
    h = math.sqrt(max(0.0, r * r - d * d / 4))
    s = -1 if clockwise == (r > 0) else 1
    return dx / 2 - s * dy / d * h, dy / 2 + s * dx / d * h


def boxes(lines):  # noqa: C901 - one loop, as printed
    pos, known, off = [0.0] * 3, [False] * 3, [0.0] * 3
    e, abs_xyz, abs_e, unit = 0.0, True, True, 1.0
    part, motion, body, skip, flush = Box(), Box(), False, False, False
    for raw in lines:
        line = raw.strip()
        if line.startswith(";"):
            up = line.upper()
            if up.startswith(BODY_ON):
                body = True
            elif up.startswith(BODY_OFF):
                body = False
            if up.startswith((";TYPE:", "; FEATURE:")):
                skip = up.startswith(NO_PRINT)
            elif up.startswith("; FLUSH_START"):
                flush = True
            elif up.startswith("; FLUSH_END"):
                flush = False
            continue
        code = line.split(";", 1)[0].split("*", 1)[0].upper()
        m = CODE.match(code)
        if not m:
            continue
        cmd = m.group(1) + m.group(2) + (m.group(3) or "")
        if cmd == "G20":
            unit = 25.4
            continue
        if cmd == "G21":
            unit = 1.0
            continue
        if cmd in ("G90", "G91"):
            abs_xyz = cmd == "G90"
            continue
        if cmd in ("M82", "M83"):
            abs_e = cmd == "M82"
            continue
        rest = code[m.end() :]
        if re.search(r"[XYZEIJR][ \t]*[-+]?(NAN|INF)", rest):
            continue
        if cmd == "G28":
            for n in [n for n, a in enumerate("XYZ") if a in rest] or range(3):
                known[n] = False
                off[n] = 0.0
            continue
        if cmd not in ("G0", "G1", "G2", "G3", "G92"):
            continue
        w = {a: float(v) * unit for a, v in WORD.findall(rest)}
        if cmd == "G92":
            for n, a in enumerate("XYZ"):
                if a in w:
                    off[n] = pos[n] - w[a]
                elif not w:
                    off[n] = pos[n]
            if "E" in w or not w:
                e = w.get("E", 0.0)
            continue
        old = list(pos)
        for n, a in enumerate("XYZ"):
            if a in w:
                pos[n] = w[a] + off[n] if abs_xyz else pos[n] + w[a]
                known[n] = known[n] or abs_xyz
        push = 0.0
        if "E" in w:
            push = w["E"] - e if abs_e and abs_xyz else w["E"]
            e += push
        arc = cmd in ("G2", "G3")
        pts = [tuple(pos)]
        if arc:
            i, j = (
                centre(*old[:2], *pos[:2], w["R"], cmd == "G2")
                if "R" in w
                else (w.get("I", 0.0), w.get("J", 0.0))
            )
            pts = [(x, y, pos[2]) for x, y in arc_points(*old[:2], *pos[:2], i, j, cmd == "G2")]
        if not all(known):
            continue
        for p in pts:
            motion.add(p)
        if body and not skip and not flush and push > 0 and (arc or pos[:2] != old[:2]):
            part.add((old[0], old[1], pos[2]))
            for p in pts:
                part.add(p)
    return part, motion
