// The key of the colours: by what lines are for or by filament; each can be left out.
const SOME_FILAMENT = "#808080";

/** The key within `root`; `changed` is called when something else is to be seen. */
export class Key {
  #filaments = new Map();
  #hidden = new Set();
  #isByTool = false;

  constructor(root, changed) {
    this.root = root;
    this.changed = changed;
    for (const button of root.querySelectorAll("[data-colour-by]")) {
      button.addEventListener("click", () => this.#colourBy(button.dataset.colourBy === "tool"));
    }
    root.addEventListener("change", (event) => {
      const { name, checked } = event.target;
      if (checked) this.#hidden.delete(name);
      else this.#hidden.add(name);
      changed();
    });
  }

  /** Show what a plate has. */
  open({ kinds, tools, filaments }) {
    for (const item of this.root.querySelectorAll("[data-kind]")) item.hidden = !kinds.includes(Number(item.dataset.kind));
    this.#filaments = new Map(filaments.map((one) => [one.index, one]));
    const list = this.root.querySelector("[data-tools]");
    list.replaceChildren(...tools.map((tool) => this.#item(tool)));
    this.root.querySelector("[data-colour-choice]").hidden = tools.length < 2;
    this.#colourBy(this.#isByTool && tools.length > 1);
  }

  /** The colour of a path, null if its kind or filament is left out. */
  colourOf = ({ kind, tool }, colours) => {
    if (this.#hidden.has(this.#isByTool ? `tool-${tool}` : `kind-${kind}`)) return null;
    return this.#isByTool ? this.#colourOfTool(tool) : colours.kinds[kind] ?? colours.kinds[0];
  };

  #colourOfTool(tool) {
    return this.#filaments.get(tool)?.color || SOME_FILAMENT;
  }

  #item(tool) {
    const item = this.root.querySelector("template").content.firstElementChild.cloneNode(true);
    const input = item.querySelector("input");
    input.name = `tool-${tool}`;
    input.checked = !this.#hidden.has(input.name);
    item.querySelector("[data-fill]").setAttribute("stroke", this.#colourOfTool(tool));
    const words = [`${item.dataset.word} ${tool + 1}`, this.#filaments.get(tool)?.material];
    item.querySelector("[data-name]").textContent = words.filter(Boolean).join(" · ");
    return item;
  }

  #colourBy(isByTool) {
    this.#isByTool = isByTool;
    for (const button of this.root.querySelectorAll("[data-colour-by]")) {
      button.setAttribute("aria-pressed", String((button.dataset.colourBy === "tool") === isByTool));
    }
    this.root.querySelector("[data-tools]").hidden = !isByTool;
    this.root.querySelector("[data-kinds]").hidden = isByTool;
    this.changed();
  }
}
