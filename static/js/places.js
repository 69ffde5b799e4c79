// g and a letter go to a place; / goes to the list's search, or to the palette where there is none.
import { key } from "./keys.js";
import { openPalette } from "./palette.js";

for (const link of document.querySelectorAll("a[data-key]")) {
  key(`g ${link.dataset.key}`, link.textContent.trim(), () => link.click());
}

// Asks only: what stops them is the button of the dialog.
const stop = document.querySelector("[data-stop]");
if (stop) key("!", document.body.dataset.keyStop, () => stop.click());

key("/", document.body.dataset.keySearch, () => {
  const search = document.querySelector("[data-search]");
  if (!search) return openPalette();
  search.focus();
  search.select();
});
