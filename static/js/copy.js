// Buttons that copy the text of an element: data-copy is its id. Without scripts they stay hidden.
const say = (text) => document.dispatchEvent(new CustomEvent("toast", { detail: { text, tone: "good" } }));

function copyMarked(element) {
  // Over plain HTTP there is no clipboard; marking the text and copying that works there too.
  getSelection().selectAllChildren(element);
  return document.execCommand("copy");
}

async function copy(button) {
  const element = document.getElementById(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(element.textContent.trim());
    say(button.dataset.copied);
  } catch {
    if (copyMarked(element)) say(button.dataset.copied);
  }
}

for (const button of document.querySelectorAll("button[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", () => copy(button));
}
