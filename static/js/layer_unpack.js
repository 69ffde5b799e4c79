// Unpacks a chunk of layers, as models3d/formats/strokes.py packs it.
const HEAD_BYTES = 24;

function places(steps, origin, unit) {
  const found = new Float32Array(steps.length);
  let place = 0;
  for (let at = 0; at < steps.length; at += 1) {
    place = ((place + steps[at]) << 16) >> 16;
    found[at] = (origin + place * unit) / 1000;
  }
  return found;
}

/** By layer: spans of lines in columns that the layers of a part share. */
export function unpack(buffer) {
  const view = new DataView(buffer);
  const layers = new Map();
  for (let at = 0; at < buffer.byteLength; ) {
    const [first, lines, points] = [0, 4, 8].map((place) => view.getUint32(at + place, true));
    const unit = view.getUint32(at + 20, true);
    const [x, y] = [12, 16].map((place) => view.getInt32(at + place, true));
    let next = at + HEAD_BYTES;
    const column = (Kind, length) => {
      const values = new Kind(buffer, next, length);
      next += values.byteLength;
      return values;
    };
    const xs = places(column(Int16Array, points), x, unit);
    const ys = places(column(Int16Array, points), y, unit);
    const [owners, counts] = [column(Uint16Array, lines), column(Uint16Array, lines)];
    const part = { xs, ys, counts, kinds: column(Uint8Array, lines), tools: column(Uint8Array, lines), widths: column(Uint8Array, lines) };
    for (let line = 0, point = 0; line < lines; ) {
      const span = { part, line, point, end: line };
      const owner = owners[line];
      for (; line < lines && owners[line] === owner; line += 1) point += counts[line];
      span.end = line;
      const number = first + owner + 1;
      if (layers.has(number)) layers.get(number).push(span);
      else layers.set(number, [span]);
    }
    at = next + (-next & 3);
  }
  return layers;
}
