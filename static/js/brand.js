// The branding form: a colour picker beside each typed colour, the chosen logo before it is sent, one click to a
// shade that can be read.
const form = document.getElementById("brand-form");
const FIELDS = { light: "accent", dark: "accent_dark" };

function told(input) {
  input.dispatchEvent(new Event("input", { bubbles: true }));
}

// What is shown where nothing was typed: the platform's colour, or the shade made for the dark theme.
function shownNow({ name }) {
  const theme = name === FIELDS.dark ? "dark" : "light";
  return document.querySelector(`[data-look="${theme}"]`).dataset.colourNow;
}

for (const input of form.querySelectorAll("[data-colour]")) {
  const picker = document.createElement("input");
  picker.type = "color";
  picker.className = "colour-picker";
  // The typed field has the same name for a screen reader and for the keyboard.
  picker.tabIndex = -1;
  picker.setAttribute("aria-hidden", "true");
  const show = () => { picker.value = /^#[0-9a-f]{6}$/i.test(input.value) ? input.value : shownNow(input); };
  picker.addEventListener("input", () => { input.value = picker.value; told(input); });
  input.addEventListener("input", show);
  input.before(picker);
  input.parentElement.classList.add("has-picker");
  document.addEventListener("htmx:afterSwap", show);
  show();
}

form.elements.logo.addEventListener("change", ({ target }) => {
  const [file] = target.files;
  let shown = form.querySelector("[data-logo-chosen]");
  if (shown?.src) URL.revokeObjectURL(shown.src);
  shown?.remove();
  if (!file?.type.startsWith("image/")) return;
  shown = new Image();
  shown.className = "brand-logo";
  shown.alt = "";
  shown.dataset.logoChosen = "";
  shown.src = URL.createObjectURL(file);
  target.after(shown);
});

document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-shade]");
  if (!button) return;
  const input = form.elements[FIELDS[button.dataset.shadeOf]];
  input.value = button.dataset.shade;
  told(input);
  input.focus();
});

function offer() {
  for (const button of document.querySelectorAll("[data-shade]")) button.hidden = false;
}

document.addEventListener("htmx:afterSwap", offer);
offer();
