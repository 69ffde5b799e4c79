// Which layer is shown: a slider, a number, two buttons, and what they say of it.
const QUIET_MS = 400;

export class Steps {
  #timer = 0;

  constructor(root, changed) {
    this.root = root;
    this.words = root.dataset;
    this.canvas = root.querySelector("canvas");
    this.slider = root.querySelector("[data-layers-slider]");
    this.number = root.querySelector("[data-layers-number]");
    this.changed = changed;
    this.slider.addEventListener("input", () => this.go(this.slider.valueAsNumber));
    this.number.addEventListener("change", () => this.go(this.number.valueAsNumber));
    for (const [name, by] of [["down", -1], ["up", 1]]) {
      root.querySelector(`[data-layers-${name}]`).addEventListener("click", () => this.go(this.layer + by));
    }
  }

  get layer() {
    return this.slider.valueAsNumber;
  }

  /** Begin in the middle of a plate. */
  open(index) {
    this.index = index;
    const layers = index.z_mm.length;
    this.slider.max = this.number.max = layers;
    for (const total of this.root.querySelectorAll("[data-layers-count]")) total.textContent = layers;
    this.slider.value = Math.ceil(layers / 2);
    this.#tell();
  }

  go(layer) {
    if (!this.index) return;
    this.slider.value = Number.isFinite(layer) ? Math.round(layer) : this.layer;
    this.#tell();
    this.changed();
  }

  #figure(value, digits) {
    return value.toLocaleString(document.documentElement.lang, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  }

  #tell() {
    const z = this.#figure(this.index.z_mm[this.layer - 1], 2);
    this.number.value = this.layer;
    this.root.querySelector("[data-layers-z]").textContent = z;
    this.root.querySelector("[data-layers-filament]").textContent = this.#figure(this.index.filament_mm[this.layer - 1], 0);
    const said = this.words.saying
      .replace("{layer}", this.layer).replace("{layers}", this.slider.max).replace("{z}", z);
    this.slider.setAttribute("aria-valuetext", said);
    // The picture's own words change when the hand rests, not at each step of it.
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.canvas.setAttribute("aria-label", `${this.words.picture} ${said}`), QUIET_MS);
  }
}
