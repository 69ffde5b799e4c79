// Dialogs by data attributes: data-open="id", data-close, and data-confirm="…" before a form or an htmx request.
// The second half of a double click on what opened the dialog is not meant for its surroundings.
const DOUBLE_CLICK_MS = 400;
const openedAt = new WeakMap();

function open(dialog) {
  openedAt.set(dialog, performance.now());
  dialog.showModal();
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open]");
  const opened = document.getElementById(opener?.dataset.open);
  if (opened) open(opened);
  const closer = event.target.closest("[data-close]");
  if (closer) closer.closest("dialog, .inspector")?.close?.();
  if (event.target instanceof HTMLDialogElement && isOutside(event) && !isJustOpened(event.target)) event.target.close();
});

const isJustOpened = (dialog) => performance.now() - openedAt.get(dialog) < DOUBLE_CLICK_MS;

function isOutside({ target, clientX, clientY }) {
  const box = target.getBoundingClientRect();
  return clientX < box.left || clientX > box.right || clientY < box.top || clientY > box.bottom;
}

/** Ask; resolves to true if the person agrees. `word`, if given, must be typed first. */
export function ask({ text, action = "", word = "" }) {
  const dialog = document.getElementById("confirm");
  const agree = dialog.querySelector("[value=yes]");
  const typed = dialog.querySelector("[data-typed]");
  const input = typed.querySelector("input");
  dialog.querySelector("[data-text]").textContent = text;
  agree.textContent = action || agree.dataset.usual;
  typed.hidden = !word;
  typed.querySelector("[data-word]").textContent = word;
  input.value = "";
  agree.disabled = Boolean(word);
  input.oninput = () => { agree.disabled = input.value.trim() !== word; };
  dialog.returnValue = "";
  open(dialog);
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

const wordsOf = ({ confirm, confirmAction, confirmWord }) => ({ text: confirm, action: confirmAction, word: confirmWord });

document.addEventListener("submit", async (event) => {
  const form = event.target;
  const source = event.submitter?.dataset.confirm ? event.submitter : form;
  if (!source.dataset?.confirm || form.dataset.agreed || source.matches("[hx-post], [hx-delete]")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (!(await ask(wordsOf(source.dataset)))) return;
  form.dataset.agreed = "yes";
  form.requestSubmit(event.submitter);
  delete form.dataset.agreed;
}, true);

document.addEventListener("htmx:confirm", async (event) => {
  const source = event.detail.elt;
  if (!source.dataset.confirm || source.dataset.agreed || source.matches("form")) return;
  event.preventDefault();
  if (await ask(wordsOf(source.dataset))) event.detail.issueRequest(true);
});

// What is swapped into a dialog opens it; nothing closes it.
document.addEventListener("htmx:afterSwap", ({ detail: { target } }) => {
  if (!target.matches("dialog")) return;
  if (!target.firstElementChild) target.close();
  else if (!target.open) open(target);
});
// What follows something in a dialog follows it no longer when that is closed.
// What was chosen and then left is shown as it is again.
document.addEventListener("close", ({ target }) => {
  if (!target.matches("[data-emptied]")) return;
  target.replaceChildren();
  for (const form of document.querySelectorAll("form[data-restored]")) form.reset();
}, true);

document.addEventListener("input", (event) => {
  if (!event.target.matches("[data-filter-list]")) return;
  const wanted = event.target.value.trim().toLowerCase();
  for (const item of event.target.parentElement.querySelectorAll(".menu-item")) {
    item.hidden = !item.textContent.toLowerCase().includes(wanted);
  }
});
