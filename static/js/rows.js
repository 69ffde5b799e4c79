// Rows by keyboard (j k x Enter Esc) and the bulk bar's count of what is selected.
import { key } from "./keys.js";

const words = document.body.dataset;
const rows = () => [...document.querySelectorAll("[data-rows] [data-row]")];
const boxes = () => [...document.querySelectorAll(".row-check")];
const current = () => document.querySelector("[data-row][data-current]");

function move(step) {
  const all = rows();
  if (!all.length) return false;
  const at = all.indexOf(current());
  const next = all[Math.min(all.length - 1, Math.max(0, at < 0 ? 0 : at + step))];
  current()?.removeAttribute("data-current");
  next.setAttribute("data-current", "");
  const target = next.querySelector("a[href]") ?? next;
  target.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
  return true;
}

function toggle() {
  const box = current()?.querySelector(".row-check");
  if (!box) return false;
  box.click();
  return true;
}

function leave() {
  const open = document.querySelector("dialog[open], :popover-open");
  if (open) return false;
  const chosen = boxes().filter((box) => box.checked);
  if (chosen.length) {
    for (const box of chosen) box.checked = false;
    count();
    return true;
  }
  document.querySelector(".inspector [data-leave]")?.click();
  document.activeElement?.blur();
  return false;
}

key("j", words.keyNext, () => move(1));
key("k", words.keyPrevious, () => move(-1));
key("x", words.keySelect, toggle);
key("Enter", words.keyOpen, (event) => {
  if (event.target.closest("a, button, summary, input, select")) return false;
  current()?.querySelector("a[href]")?.click();
  return Boolean(current());
});
key("Escape", words.keyLeave, leave);

function count() {
  const all = boxes();
  const chosen = all.filter((box) => box.checked);
  for (const bar of document.querySelectorAll("[data-bulk]")) bar.hidden = !chosen.length;
  for (const place of document.querySelectorAll("[data-bulk-count]")) place.textContent = String(chosen.length);
  for (const button of document.querySelectorAll("[data-applies-to]")) {
    const states = button.dataset.appliesTo.split(" ");
    const fitting = chosen.filter((box) => states.includes(box.dataset.state)).length;
    button.querySelector("[data-n]")?.replaceChildren(String(fitting));
    button.disabled = !fitting;
  }
  for (const whole of document.querySelectorAll("[data-select-all]")) {
    whole.checked = all.length > 0 && chosen.length === all.length;
    whole.indeterminate = chosen.length > 0 && chosen.length < all.length;
  }
}

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-select-all]")) for (const box of boxes()) box.checked = event.target.checked;
  if (event.target.matches("[data-select-all], .row-check")) count();
});
document.addEventListener("click", (event) => { if (event.target.closest("[data-select-none]")) leave(); });
for (const name of ["htmx:afterSettle", "live-swapped"]) document.addEventListener(name, count);
count();
