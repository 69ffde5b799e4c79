// Which part of the bed the canvas shows: millimetres to pixels, Y upwards.
const MOST_ZOOM = 400;

export class Camera {
  scale = 1;
  x = 0;
  y = 0;
  isFitted = true;
  #home = [0, 0, 100, 100];
  #size = [1, 1];

  resize(width, height) {
    this.#size = [width, height];
    if (this.isFitted) this.fit(this.#home);
  }

  /** Show all of a box: min X, min Y, max X, max Y in mm. */
  fit(box) {
    this.#home = box;
    this.isFitted = true;
    const [width, height] = this.#size;
    const [across, along] = [Math.max(box[2] - box[0], 1), Math.max(box[3] - box[1], 1)];
    const edge = Math.min(36, width / 8);
    this.scale = Math.min((width - 2 * edge) / across, (height - 2 * edge) / along);
    this.x = width / 2 - ((box[0] + box[2]) / 2) * this.scale;
    this.y = height / 2 + ((box[1] + box[3]) / 2) * this.scale;
  }

  /** Larger by `factor`, the place below the pixel (x, y) staying there. */
  zoom(factor, x = this.#size[0] / 2, y = this.#size[1] / 2) {
    const scale = Math.min(MOST_ZOOM, Math.max(0.2, this.scale * factor));
    const by = scale / this.scale;
    this.x = x - (x - this.x) * by;
    this.y = y - (y - this.y) * by;
    this.scale = scale;
    this.isFitted = false;
  }

  pan(x, y) {
    this.x += x;
    this.y += y;
    this.isFitted = false;
  }

  /** The pixel of a place on the bed. */
  place(x, y) {
    return [this.x + x * this.scale, this.y - y * this.scale];
  }

  apply(context, ratio) {
    context.setTransform(this.scale * ratio, 0, 0, -this.scale * ratio, this.x * ratio, this.y * ratio);
  }
}
