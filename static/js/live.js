// Follows the farm: asks the page's [data-live] every 2 s; 204 says nothing new, else changed cards come by id.
import { refreshesItself, swap } from "./swapping.js";

const SECONDS = 2;
const place = document.querySelector("[data-live]");
const isPaused = () => localStorage.getItem("odin-live") === "paused";
let freshAt = new Date();
let timer = 0;
let isAsking = false;

async function ask() {
  if (isAsking || isPaused() || document.hidden) return;
  isAsking = true;
  const url = new URL(place.dataset.live, location.href);
  url.searchParams.set("version", place.dataset.version ?? "");
  try {
    const answer = await fetch(url, { headers: { "HX-Request": "true" }, signal: AbortSignal.timeout(10000) });
    if (answer.redirected || !answer.ok) throw new Error(String(answer.status));
    // What was in use is asked for again next time: the version stays until all of it is shown.
    const isWhole = answer.status === 204 || swap(await answer.text());
    if (isWhole) place.dataset.version = answer.headers.get("X-Live-Version") ?? place.dataset.version;
    freshAt = new Date();
    delete document.body.dataset.stale;
  } catch {
    tellStale();
  }
  isAsking = false;
}

function tellStale() {
  const since = freshAt.toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
  for (const time of document.querySelectorAll("[data-stale-since]")) time.textContent = since;
  document.body.dataset.stale = "lost";
}

function tell() {
  for (const control of document.querySelectorAll("[data-live-switch]")) control.checked = isPaused();
  for (const note of document.querySelectorAll("[data-live-paused]")) note.hidden = !isPaused() || !place;
}

document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-live-switch]")) return;
  localStorage.setItem("odin-live", event.target.checked ? "paused" : "on");
  tell();
  if (place) ask();
});
document.addEventListener("table-changed", () => { if (place && !refreshesItself()) ask(); });
document.addEventListener("visibilitychange", () => { if (place && !document.hidden) ask(); });
tell();
if (place) timer = setInterval(ask, SECONDS * 1000);
addEventListener("pagehide", () => clearInterval(timer));
addEventListener("pageshow", (event) => { if (event.persisted && place) timer = setInterval(ask, SECONDS * 1000); });
