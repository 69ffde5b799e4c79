// The canvas: what is drawn on it, and when.
import { bedOf, drawBed, drawFigures } from "./layer_bed.js";
import { Camera } from "./layer_camera.js";
import { coloursOf, isFaint, watchTheme } from "./layer_colours.js";
import { pathsOf } from "./layer_paths.js";

const ROUND_FROM_PX = 3;
// Lines of one pixel are drawn 25 times as fast as wider ones: 20,000 points in 4 ms instead of 100.
const MANY_POINTS = 3000;
const REST_MS = 120;

export class Stage {
  camera = new Camera();
  #colours;
  #frame = 0;
  #scene = null;
  #timer = 0;

  constructor(canvas) {
    this.canvas = canvas;
    this.#colours = coloursOf(canvas);
    watchTheme(() => {
      this.#colours = coloursOf(canvas);
      this.redraw();
    });
    new ResizeObserver(() => this.#resize()).observe(canvas);
    this.#resize();
  }

  /** Show a plate from now on. */
  open(index) {
    this.index = index;
    this.bed = bedOf(index);
    this.camera.fit(index.box_mm);
  }

  /** Draw `scene`: the spans of a layer and of the one below, `colourOf(path)`, null for what is hidden. */
  show(scene) {
    this.#scene = scene;
    this.redraw();
  }

  /** Draw at the next frame: many lines thin at first, and as wide as they are once the hand rests. */
  redraw() {
    const isMany = this.#scene && pathsOf(this.#scene.spans).points > MANY_POINTS;
    const soon = (isThin) => {
      cancelAnimationFrame(this.#frame);
      this.#frame = requestAnimationFrame(() => this.#draw(isThin));
    };
    soon(isMany);
    clearTimeout(this.#timer);
    if (isMany) this.#timer = setTimeout(soon, REST_MS, false);
  }

  #resize() {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    this.ratio = Math.min(devicePixelRatio || 1, 2);
    this.canvas.width = Math.round(width * this.ratio);
    this.canvas.height = Math.round(height * this.ratio);
    this.camera.resize(width, height);
    this.#draw();
  }

  #draw(isThin = false) {
    const context = this.canvas.getContext("2d");
    const toPixels = () => context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    toPixels();
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    if (!this.#scene) return;
    drawBed(context, this.camera, this.bed, this.#colours);
    this.camera.apply(context, this.ratio);
    context.globalAlpha = 0.4;
    this.#strokes(context, this.#scene.below, () => this.#colours.below, true);
    context.globalAlpha = 1;
    this.#strokes(context, this.#scene.spans, (path) => this.#scene.colourOf(path, this.#colours), isThin);
    toPixels();
    drawFigures(context, this.camera, this.bed, this.#colours, [this.canvas.clientWidth, this.canvas.clientHeight]);
    this.canvas.dataset.drawn = this.#scene.layer;
    this.canvas.toggleAttribute("data-thin", isThin);
  }

  #strokes(context, spans, colourOf, isThin) {
    const pixel = 1 / this.camera.scale;
    for (const { path, ...like } of pathsOf(spans)) {
      const colour = colourOf(like);
      if (!colour) continue;
      const width = isThin ? pixel / this.ratio : Math.max(like.width || this.index.line_mm, pixel);
      const isRound = width >= ROUND_FROM_PX * pixel;
      context.lineJoin = isRound ? "round" : "bevel";
      context.lineCap = isRound ? "round" : "butt";
      // White filament on a white bed gets an edge.
      if (!isThin && isFaint(colour, this.#colours.bed)) this.#stroke(context, path, this.#colours.edge, width + 1.5 * pixel);
      this.#stroke(context, path, colour, width);
    }
  }

  #stroke(context, path, colour, width) {
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.stroke(path);
  }
}
