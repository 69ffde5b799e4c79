// Moving rows of the queue: arrow keys and Home on the handle first, the pointer second; each is one POST.
const STEPS = { ArrowUp: "up", ArrowDown: "down", Home: "top", End: "bottom" };
let drag = null;

// The answer is the list again; htmx puts the focus back on the handle by its id.
function send(handle, values) {
  const form = handle.closest("form");
  const url = form.action + location.search;
  window.htmx.ajax("POST", url, { target: "#jobs", swap: "outerHTML", source: handle, values });
}

function press(event) {
  const handle = event.target.closest("[data-handle]");
  const to = STEPS[event.key];
  if (!handle || !to || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  send(handle, { to });
}

function rowAt(y) {
  return [...document.querySelectorAll("[data-drop]")].find((row) => {
    const box = row.getBoundingClientRect();
    return y >= box.top && y < box.bottom;
  });
}

function mark(row) {
  for (const old of document.querySelectorAll("[data-drop-here]")) old.removeAttribute("data-drop-here");
  row?.setAttribute("data-drop-here", "");
}

function begin(event) {
  const handle = event.target.closest("[data-handle]");
  if (!handle || event.button) return;
  drag = { handle, row: handle.closest("[data-drop]"), onto: null, id: event.pointerId };
  handle.setPointerCapture(event.pointerId);
  drag.row.setAttribute("data-dragged", "");
}

function follow(event) {
  if (!drag || event.pointerId !== drag.id) return;
  const over = rowAt(event.clientY);
  drag.onto = over === drag.row ? null : over ?? drag.onto;
  mark(drag.onto);
}

function end(event) {
  if (!drag || event.pointerId !== drag.id) return;
  const { handle, row, onto } = drag;
  drag = null;
  row.removeAttribute("data-dragged");
  mark(null);
  if (event.type === "pointerup" && onto) send(handle, { before: onto.dataset.drop });
}

document.addEventListener("keydown", press);
document.addEventListener("pointerdown", begin);
document.addEventListener("pointermove", follow);
document.addEventListener("pointerup", end);
document.addEventListener("pointercancel", end);
