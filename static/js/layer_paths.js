// The lines of a layer as paths that a canvas strokes: one for each kind, tool and width.
const WIDTH_MM = 0.02;
const made = new WeakMap();

function trace(path, { xs, ys }, point, count) {
  path.moveTo(xs[point], ys[point]);
  for (let at = point + 1; at < point + count; at += 1) path.lineTo(xs[at], ys[at]);
}

/** The paths of a layer's spans, made once, and their `points`; `width` is 0 where the file states none. */
export function pathsOf(spans) {
  if (made.has(spans)) return made.get(spans);
  const paths = new Map();
  let points = 0;
  for (const { part, line, point, end } of spans) {
    let at = point;
    for (let one = line; one < end; one += 1) {
      const [kind, tool, width] = [part.kinds[one], part.tools[one], part.widths[one]];
      const name = (kind << 16) | (tool << 8) | width;
      if (!paths.has(name)) paths.set(name, { kind, tool, width: width * WIDTH_MM, path: new Path2D() });
      trace(paths.get(name).path, part, at, part.counts[one]);
      at += part.counts[one];
    }
    points += at - point;
  }
  // Walls are drawn last, so that they stay seen where lines lie upon each other.
  const drawn = [...paths.values()].sort((one, other) => rank(one.kind) - rank(other.kind));
  drawn.points = points;
  made.set(spans, drawn);
  return drawn;
}

const rank = (kind) => (kind === 1 ? 2 : kind === 2 ? 1 : 0);
