// Rows by keyboard: j k x Enter Esc.
import { key } from "./keys.js";
import { clear } from "./selecting.js";

const words = document.body.dataset;
const rows = () => [...document.querySelectorAll("[data-rows] [data-row]")];
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
  if (clear()) return true;
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
