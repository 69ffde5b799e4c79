// After a list is refreshed, or a dialog over it closes, the focus stays with the row where the person was.
import { refreshesItself } from "./swapping.js";

let last = { id: "", isTick: false };
let order = [];
let isDue = false;

const rows = () => [...document.querySelectorAll("[data-rows] [data-row][id]")];
const isLost = () => document.activeElement === document.body || !document.activeElement?.checkVisibility();

function note({ target }) {
  const row = target.closest?.("[data-rows] [data-row][id]");
  if (row) last = { id: row.id, isTick: target.matches(".row-check") };
}

// The row itself, those below it, then those above, the nearest first.
function remember() {
  isDue = true;
  const ids = rows().map((row) => row.id);
  const at = ids.indexOf(last.id);
  if (at >= 0 || !last.id) order = [...ids.slice(Math.max(0, at)), ...ids.slice(0, Math.max(0, at)).reverse()];
}

function putBack() {
  if (!isLost() || document.querySelector("dialog[open]")) return;
  const all = rows();
  const row = order.map((id) => all.find((one) => one.id === id)).find(Boolean) ?? all[0];
  const tick = row?.querySelector(".row-check");
  const place = row ? (last.isTick && tick) || row.querySelector("a[href]") || tick : document.querySelector("[data-rows] [data-search]");
  place?.focus();
}

for (const name of ["focusin", "change"]) document.addEventListener(name, note);
document.addEventListener("table-changed", remember);
document.addEventListener("htmx:afterSettle", ({ target }) => {
  if (!isDue || !target.matches?.("[data-rows]")) return;
  isDue = false;
  putBack();
});
document.addEventListener("live-swapped", () => {
  if (!isDue || refreshesItself()) return;
  isDue = false;
  putBack();
});
document.addEventListener("close", ({ target }) => { if (order.length && target.matches("dialog")) putBack(); }, true);
