// Elements swapped by id, except what a person has their hands on.
function isInUse(element) {
  if (element.contains(document.activeElement) && document.activeElement !== document.body) return true;
  return Boolean(element.querySelector(":popover-open, dialog[open], details.menu-holder[open]"));
}

// Spoken only when something newly needs a person; all other changes stay silent.
function announce(old, fresh) {
  const mark = fresh.querySelector("[data-shape=triangle]");
  if (!mark || old.querySelector("[data-shape=triangle]")) return;
  const name = fresh.querySelector("a")?.textContent.trim() ?? "";
  document.getElementById("announcer").textContent = `${name}: ${mark.textContent.trim()}`;
}

function isSame(old, fresh) {
  const bare = old.cloneNode(true);
  bare.removeAttribute("data-current");
  return bare.isEqualNode(fresh);
}

/** Whether the list fetches itself anew when a bulk run has changed it; others wait for their next update. */
export const refreshesItself = () => Boolean(document.querySelector("[hx-trigger*=table-changed]"));

// Rows parse only inside a table, so several come in one without an id.
const partsOf = (root) => (root.matches("table:not([id])") ? [...root.querySelectorAll("tbody > [id]")] : root.id ? [root] : []);

/** Put the changed elements of `html` in their places; false if one had to wait because it is in use. */
export function swap(html) {
  const parsed = new DOMParser().parseFromString(`<template>${html}</template>`, "text/html");
  let isWhole = true;
  for (const fresh of [...parsed.querySelector("template").content.children].flatMap(partsOf)) {
    const old = document.getElementById(fresh.id);
    if (!old || isSame(old, fresh)) continue;
    if (isInUse(old)) { isWhole = false; continue; }
    announce(old, fresh);
    const element = document.importNode(fresh, true);
    for (const tick of element.querySelectorAll(".row-check, [name=all_matching]")) {
      const isIt = (one) => one.name === tick.name && one.value === tick.value;
      tick.checked = [...old.querySelectorAll(":checked")].some(isIt);
    }
    element.toggleAttribute("data-current", old.hasAttribute("data-current"));
    old.replaceWith(element);
    window.htmx?.process(element);
  }
  document.dispatchEvent(new CustomEvent("live-swapped"));
  return isWhole;
}
