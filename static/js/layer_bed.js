// The bed below a layer: its outline, a grid of millimetres, figures along the edges.
const LEAST_PX = 9;
const FIGURES_PX = 44;
// What a file says of its bed is not drawn beyond this.
const MOST_BED_MM = 5000;
const STEPS = [1, 5, 10, 50, 100, 500];

const stepFor = (scale, least) => STEPS.find((step) => step * scale >= least) ?? 1000;

/** Where the bed lies: from 0 on, or round 0 where the print says so; a frame round the print if it is unknown. */
export function bedOf({ bed_mm: bed, box_mm: box }) {
  if (!bed || Math.max(bed[0], bed[1]) > MOST_BED_MM) return box.map((side, at) => (at < 2 ? Math.floor(side / 10 - 1) : Math.ceil(side / 10 + 1)) * 10);
  const [width, depth] = bed;
  const isRound0 = (box[0] < -5 || box[1] < -5) && box[2] <= width / 2 && box[3] <= depth / 2;
  return isRound0 ? [-width / 2, -depth / 2, width / 2, depth / 2] : [0, 0, width, depth];
}

function grid(context, camera, bed, step) {
  context.beginPath();
  for (let x = Math.ceil(bed[0] / step) * step; x <= bed[2]; x += step) {
    const [place, top] = camera.place(x, bed[3]);
    context.moveTo(Math.round(place) + 0.5, top);
    context.lineTo(Math.round(place) + 0.5, camera.place(x, bed[1])[1]);
  }
  for (let y = Math.ceil(bed[1] / step) * step; y <= bed[3]; y += step) {
    const [left, place] = camera.place(bed[0], y);
    context.moveTo(left, Math.round(place) + 0.5);
    context.lineTo(camera.place(bed[2], y)[0], Math.round(place) + 0.5);
  }
  context.stroke();
}

function write(context, text, x, y) {
  context.strokeText(text, x, y);
  context.fillText(text, x, y);
}

/** Write the millimetres along the edges, over whatever is drawn; `size` is the canvas's in CSS pixels. */
export function drawFigures(context, camera, bed, colours, [width, height]) {
  context.font = colours.font;
  context.fillStyle = colours.figures;
  context.strokeStyle = colours.bed;
  context.lineWidth = 3;
  context.lineJoin = "round";
  const step = stepFor(camera.scale, FIGURES_PX);
  const [left, bottom] = camera.place(bed[0], bed[1]);
  // Where an edge is out of sight, its figures stand at the canvas's own.
  const [column, row] = [Math.max(4, Math.min(left - 6, width)), Math.min(height - 6, bottom + 14)];
  context.textAlign = "center";
  for (let x = Math.ceil(bed[0] / step) * step; x <= bed[2]; x += step) {
    const [place] = camera.place(x, 0);
    if (place > 24 && place < width - 12) write(context, String(x), place, row);
  }
  context.textAlign = left > 30 ? "right" : "left";
  for (let y = Math.ceil(bed[1] / step) * step; y <= bed[3]; y += step) {
    const [, place] = camera.place(0, y);
    if (place > 8 && place < height - 24) write(context, String(y), left > 30 ? column : 4, place + 4);
  }
}

/** Draw the bed; the context must be in CSS pixels. */
export function drawBed(context, camera, bed, colours) {
  const [left, top] = camera.place(bed[0], bed[3]);
  const [right, bottom] = camera.place(bed[2], bed[1]);
  context.fillStyle = colours.bed;
  context.fillRect(left, top, right - left, bottom - top);
  context.lineWidth = 1;
  context.strokeStyle = colours.grid;
  const fine = stepFor(camera.scale, LEAST_PX);
  context.globalAlpha = 0.55;
  grid(context, camera, bed, fine);
  context.globalAlpha = 1;
  grid(context, camera, bed, stepFor(camera.scale, FIGURES_PX));
  context.strokeStyle = colours.edge;
  context.strokeRect(Math.round(left) + 0.5, Math.round(top) + 0.5, right - left, bottom - top);
}
