// The one registry of keys: what is registered works, and "?" lists it.
const registry = new Map();
let waiting = "";
let timer = 0;

/** Register `name` ("j", "Ctrl k", "g p"); `words` is shown by "?". `act` may return false: not mine now. */
export function key(name, words, act) {
  registry.set(name, { words, act });
}

export function isOff() {
  return localStorage.getItem("odin-single-keys") === "off";
}

const isTyping = (target) =>
  target.isContentEditable || (target.matches("input, textarea, select") && !target.matches("[type=checkbox], [type=radio]"));

function nameOf(event) {
  const letter = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return event.ctrlKey || event.metaKey ? `Ctrl ${letter}` : letter;
}

function press(event) {
  if (event.defaultPrevented || event.altKey || event.isComposing) return;
  const name = nameOf(event);
  const isPlain = !name.startsWith("Ctrl");
  if (isPlain && name !== "Escape" && (isTyping(event.target) || document.querySelector("dialog[open]"))) return;
  if (isPlain && name.length === 1 && isOff()) return;
  const whole = waiting ? `${waiting} ${name}` : name;
  clearTimeout(timer);
  waiting = "";
  const found = registry.get(whole);
  if (found) {
    if (found.act(event) !== false) event.preventDefault();
  } else if ([...registry.keys()].some((known) => known.startsWith(`${name} `)) && isPlain) {
    waiting = name;
    timer = setTimeout(() => { waiting = ""; }, 1200);
  }
}

document.addEventListener("keydown", press);

function list() {
  const dialog = document.getElementById("keys");
  const rows = [...registry].map(([name, { words }]) => {
    const row = document.createElement("div");
    const does = row.appendChild(document.createElement("dt"));
    const keys = row.appendChild(document.createElement("dd"));
    does.textContent = words;
    for (const part of name.split(" ")) keys.append(Object.assign(document.createElement("kbd"), { textContent: part }), " ");
    return row;
  });
  dialog.querySelector("dl").replaceChildren(...rows);
  dialog.querySelector("[data-single-keys]").checked = !isOff();
  dialog.showModal();
}

const words = document.body.dataset;
key("?", words.keyHelp, list);
document.addEventListener("click", (event) => { if (event.target.closest("[data-show-keys]")) list(); });
document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-single-keys]")) return;
  localStorage.setItem("odin-single-keys", event.target.checked ? "on" : "off");
});
