// A colour picker beside each field for a typed colour (data-colour).
const HEX = /^#[0-9a-f]{6}$/i;

/** As if it had been typed. */
export function told(input) {
  input.dispatchEvent(new Event("input", { bubbles: true }));
}

// What holds where nothing was typed: the preview says so where there is one.
function shownNow({ name }) {
  const theme = name === "accent_dark" ? "dark" : "light";
  return document.querySelector(`[data-look="${theme}"]`)?.dataset.colourNow ?? "#808080";
}

for (const input of document.querySelectorAll("[data-colour]")) {
  const picker = document.createElement("input");
  picker.type = "color";
  picker.className = "colour-picker";
  // The typed field has the same name for a screen reader and for the keyboard.
  picker.tabIndex = -1;
  picker.setAttribute("aria-hidden", "true");
  const show = () => { picker.value = HEX.test(input.value) ? input.value : shownNow(input); };
  picker.addEventListener("input", () => { input.value = picker.value; told(input); });
  input.addEventListener("input", show);
  input.before(picker);
  input.parentElement.classList.add("has-picker");
  document.addEventListener("htmx:afterSwap", show);
  show();
}
