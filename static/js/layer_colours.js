// The page's colours as a canvas takes them: resolved for the theme in use.
const KINDS = ["other", "outer", "inner", "infill", "solid", "bridge", "support", "skirt", "tower"];

/** Calls `changed` when the theme does. */
export function watchTheme(changed) {
  new MutationObserver(changed).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", changed);
}

/** Colours by their use; `near` is an element within the page. */
export function coloursOf(near) {
  const probe = near.parentElement.appendChild(document.createElement("span"));
  probe.hidden = true;
  const colour = (name) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const found = {
    bed: colour("panel"),
    grid: colour("line"),
    edge: colour("edge"),
    figures: colour("muted"),
    below: colour("edge"),
    font: `12px ${getComputedStyle(near).fontFamily}`,
    kinds: KINDS.map((kind) => colour(`path-${kind}`)),
  };
  probe.remove();
  return found;
}

const lightness = (colour) => {
  const [red, green, blue] = colour.startsWith("#")
    ? [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16))
    : colour.match(/\d+/g).map(Number);
  return 0.21 * red + 0.72 * green + 0.07 * blue;
};

/** Whether two colours can hardly be told apart by their lightness. */
export const isFaint = (colour, ground) => Math.abs(lightness(colour) - lightness(ground)) < 50;
