// Ctrl-K: jump to anything by its name. The server answers with a list of links.
import { key } from "./keys.js";

const dialog = document.getElementById("palette");
const url = document.body.dataset.jump;
const input = dialog?.querySelector("input");
const list = dialog?.querySelector(".palette-list");
let timer = 0;
let asked = 0;
let shown = null;

export function openPalette() {
  if (!url || !dialog) return false;
  if (!dialog.open) dialog.showModal();
  input.select();
  ask();
  return true;
}

async function ask() {
  const turn = ++asked;
  const words = input.value.trim();
  const answer = await fetch(`${url}?q=${encodeURIComponent(words)}`, { headers: { "HX-Request": "true" } })
    .catch(() => null);
  if (turn !== asked) return;
  if (!answer?.ok) {
    list.textContent = document.body.dataset.saidOffline;
    return;
  }
  list.innerHTML = await answer.text();
  shown = words;
  links().forEach((link, index) => { link.id ||= `jump-${index}`; link.role = "option"; });
  choose(0);
}

const links = () => [...list.querySelectorAll("a[href]")];

function choose(index) {
  const all = links();
  const at = all.length ? (index + all.length) % all.length : 0;
  all.forEach((link, place) => link.setAttribute("aria-selected", String(place === at)));
  all[at]?.scrollIntoView({ block: "nearest" });
  input.setAttribute("aria-activedescendant", all[at]?.id ?? "");
}

// A scanner types faster than the list is there: Enter waits for that of what is typed.
async function open(now) {
  clearTimeout(timer);
  if (shown !== input.value.trim()) {
    await ask();
    now = 0;
  }
  links()[now]?.click();
}

input?.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(ask, 120);
});

input?.addEventListener("keydown", (event) => {
  const now = links().findIndex((link) => link.ariaSelected === "true");
  if (event.key === "ArrowDown") choose(now + 1);
  else if (event.key === "ArrowUp") choose(now - 1);
  else if (event.key === "Enter") open(now);
  else return;
  event.preventDefault();
});

if (url) key("Ctrl k", document.body.dataset.keyJump, openPalette);
document.addEventListener("click", (event) => { if (event.target.closest("[data-open-palette]")) openPalette(); });
