// The branding form: the chosen logo before it is sent, and one click to a shade that can be read.
import { told } from "./colour.js";

const form = document.getElementById("brand-form");
const FIELDS = { light: "accent", dark: "accent_dark" };

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
