// Outcomes as toasts: from the HX-Trigger event "toast" and from the page itself. Failures stay until read.
const region = document.getElementById("toasts");
const pattern = document.getElementById("toast-pattern");
const TONES = { good: "green", bad: "red", note: "blue", warn: "orange" };
const SECONDS = 6;
const UNDO_SECONDS = 10;

export function toast({ text, tone = "note", undo = "" }) {
  if (!region || !text) return;
  const item = pattern.content.firstElementChild.cloneNode(true);
  item.dataset.tone = TONES[tone] ?? TONES.note;
  if (tone === "bad") item.setAttribute("role", "alert");
  item.querySelector("[data-text]").textContent = text;
  const button = item.querySelector("[data-undo]");
  if (undo) button.addEventListener("click", () => takeBack(item, undo));
  else button.remove();
  region.append(item);
  settle(item, tone === "bad" ? 0 : undo ? UNDO_SECONDS : SECONDS);
}

function takeBack(item, url) {
  item.remove();
  window.htmx.ajax("POST", url, { source: document.body, swap: "none" });
}

function settle(item, seconds) {
  item.querySelector("[data-dismiss]").addEventListener("click", () => item.remove());
  if (!seconds) return;
  let timer = 0;
  const start = () => { timer = setTimeout(() => item.remove(), seconds * 1000); };
  const hold = () => clearTimeout(timer);
  for (const name of ["pointerenter", "focusin"]) item.addEventListener(name, hold);
  for (const name of ["pointerleave", "focusout"]) item.addEventListener(name, start);
  start();
}

document.addEventListener("toast", (event) => toast(event.detail));

for (const item of region?.querySelectorAll(".toast") ?? []) {
  settle(item, item.dataset.tone === "red" ? 0 : SECONDS);
}

const said = document.body.dataset;
document.addEventListener("htmx:sendError", () => toast({ text: said.saidOffline, tone: "bad" }));
document.addEventListener("htmx:responseError", (event) => {
  const status = event.detail.xhr.status;
  // Who asks too often is told so by the server.
  if (status === 429) return;
  toast({ text: status === 403 ? said.saidForbidden : status === 404 ? said.saidGone : said.saidFailed, tone: "bad" });
});
