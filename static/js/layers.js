// The panel of a sliced file's layers: opens when it comes into sight.
import { openPlate } from "./layer_data.js";
import { takeHands } from "./layer_hands.js";
import { Key } from "./layer_key.js";
import { Steps } from "./layer_steps.js";
import { Stage } from "./layer_stage.js";

const SLOW_MS = 400;
const LONGEST_MS = 30_000;

class Panel {
  #asked = 0;
  #plate = null;

  constructor(root) {
    this.root = root;
    this.find = (name) => root.querySelector(`[data-layers-${name}]`);
    this.stage = new Stage(root.querySelector("canvas"));
    this.key = new Key(this.find("key"), () => this.show());
    this.steps = new Steps(root, () => this.show());
    const fit = (box) => { this.stage.camera.fit(box); hands.moved(); };
    const hands = takeHands(this.stage, () => fit(this.#plate.index.box_mm));
    const buttons = { in: hands.zoomIn, out: hands.zoomOut, fit: () => fit(this.#plate.index.box_mm), bed: () => fit(this.stage.bed) };
    for (const [name, act] of Object.entries(buttons)) this.find(name).addEventListener("click", () => this.#plate && act());
    this.find("retry").addEventListener("click", () => this.#again());
    this.find("plate")?.addEventListener("change", () => this.open());
    this.open();
  }

  async open() {
    this.#plate = null;
    this.#say("loading");
    try {
      const url = this.find("plate")?.value ?? this.root.dataset.layers;
      const plate = await openPlate(url, AbortSignal.timeout(LONGEST_MS));
      if (url !== (this.find("plate")?.value ?? url)) return;
      this.stage.open(plate.index);
      this.steps.open(plate.index);
      this.find("cut").hidden = !plate.index.is_cut;
      this.#plate = plate;
      this.key.open(plate.index);
    } catch {
      this.#say("failed");
    }
  }

  /** Draw the layer that is chosen now; an answer that comes when another is chosen is not drawn. */
  async show() {
    const plate = this.#plate;
    if (!plate) return;
    const asked = (this.#asked += 1);
    const layer = this.steps.layer;
    const slow = setTimeout(() => this.#say("loading"), SLOW_MS);
    try {
      const found = await plate.look(layer);
      if (asked !== this.#asked) return;
      this.stage.show({ layer, ...found, colourOf: this.key.colourOf });
      this.#say("");
    } catch {
      if (asked === this.#asked) this.#say("failed");
    } finally {
      clearTimeout(slow);
    }
  }

  #again() {
    if (this.#plate) this.show();
    else this.open();
  }

  #say(state) {
    this.root.dataset.state = state;
    this.root.toggleAttribute("aria-busy", state === "loading");
  }
}

const seen = new IntersectionObserver((entries) => {
  for (const { target } of entries.filter((entry) => entry.isIntersecting)) {
    seen.unobserve(target);
    new Panel(target);
  }
}, { rootMargin: "200px" });

function begin() {
  for (const root of document.querySelectorAll("[data-layers]:not([data-state])")) {
    root.dataset.state = "waiting";
    root.hidden = false;
    seen.observe(root);
  }
}

document.addEventListener("live-swapped", begin);
begin();
