// What is selected: tick boxes, "all that match", and the bar with the count each action applies to.
import { key } from "./keys.js";
import { refreshesItself } from "./swapping.js";

const boxes = () => [...document.querySelectorAll(".row-check")];
const whole = () => document.querySelector("[data-bulk] [name=all_matching]");

/** Unselect everything; false if nothing was selected. */
export function clear() {
  const chosen = boxes().filter((box) => box.checked);
  for (const box of chosen) box.checked = false;
  count();
  return chosen.length > 0;
}

function count() {
  const all = boxes();
  const chosen = all.filter((box) => box.checked);
  const isWhole = Boolean(chosen.length && whole()?.checked);
  if (whole()) whole().checked = isWhole;
  const number = isWhole ? whole().dataset.total : String(chosen.length);
  for (const bar of document.querySelectorAll("[data-bulk]")) bar.hidden = !chosen.length;
  for (const place of document.querySelectorAll("[data-bulk-count]")) place.textContent = number;
  for (const button of document.querySelectorAll("[data-bulk] [name=action]")) show(button, all, chosen, isWhole);
  for (const head of document.querySelectorAll("[data-select-all]")) {
    head.checked = all.length > 0 && chosen.length === all.length;
    head.indeterminate = chosen.length > 0 && chosen.length < all.length;
  }
}

// What is meant for no row of the page is not offered, until a row changes so that it is. What none of the chosen takes is, quietly: the server says why.
function show(button, all, chosen, isWhole) {
  const takes = (box) => box.dataset.applies?.split(" ").includes(button.value);
  const fitting = chosen.filter(takes).length;
  button.hidden = !isWhole && "elsewhere" in button.dataset && !all.some(takes);
  button.toggleAttribute("data-none", !isWhole && !fitting);
  button.querySelector("[data-n]")?.replaceChildren(isWhole ? "" : String(fitting));
}

// A button that leads elsewhere takes what is ticked with it, as the browser sends forms.
document.addEventListener("submit", (event) => { if (event.submitter?.hasAttribute("formaction") && event.target.matches("[data-bulk]")) event.stopPropagation(); }, true);

document.addEventListener("change", ({ target }) => {
  if (target.matches("[data-select-all], [data-bulk] [name=all_matching]:checked")) {
    for (const box of boxes()) box.checked = target.checked;
  }
  if (target.matches(".row-check:not(:checked), [data-select-all]:not(:checked)") && whole()) whole().checked = false;
  if (target.matches("[data-select-all], [data-bulk] [name=all_matching], .row-check")) count();
});
key("b", document.body.dataset.keyBulk, () => {
  const first = [...document.querySelectorAll("[data-bulk]:not([hidden]) [name=action]")].find((button) => !button.hidden);
  first?.focus();
  return Boolean(first);
});
document.addEventListener("click", (event) => { if (event.target.closest("[data-select-none]")) clear(); });
// A row that answers a button of its own comes back as it was ticked.
document.addEventListener("htmx:beforeSwap", ({ detail: { target } }) => {
  if (!target.matches?.("[data-row]")) return;
  const ticked = new Set([...target.querySelectorAll(".row-check:checked")].map((box) => box.value));
  if (!ticked.size) return;
  document.addEventListener("htmx:afterSwap", () => {
    for (const box of boxes()) if (ticked.has(box.value)) box.checked = true;
  }, { once: true });
});
// What was to be done is done. A list that comes anew is unticked by that.
document.addEventListener("table-changed", () => { if (!refreshesItself()) clear(); });
for (const name of ["htmx:afterSettle", "live-swapped"]) document.addEventListener(name, count);
count();
