// Fills a form's fields from data-fill (JSON of names and values) of a chosen option or a pressed button.
function fill(form, values) {
  for (const [name, value] of Object.entries(values)) {
    const control = form.elements.namedItem(name);
    if (!control) continue;
    control.value = value;
    control.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

document.addEventListener("change", (event) => {
  if (!event.target.matches("select[data-fills]")) return;
  const values = event.target.selectedOptions[0]?.dataset.fill;
  if (values) fill(document.getElementById(event.target.dataset.fills), JSON.parse(values));
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-fills]");
  if (button) fill(document.getElementById(button.dataset.fills), JSON.parse(button.dataset.fill));
});
