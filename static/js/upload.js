// Files dropped or chosen on a form[data-upload] go up one after another, each with its progress.
const pattern = document.getElementById("upload-pattern");

function send(form, file) {
  const item = pattern.content.firstElementChild.cloneNode(true);
  const progress = item.querySelector("progress");
  const state = item.querySelector("[data-state]");
  item.querySelector("[data-name]").textContent = file.name;
  form.querySelector(".upload-list").append(item);
  const body = new FormData(form);
  body.delete(form.dataset.upload);
  body.append(form.dataset.upload, file);
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("HX-Request", "true");
    request.setRequestHeader("Accept", "text/html");
    request.upload.addEventListener("progress", (event) => {
      progress.value = event.total ? event.loaded / event.total : 0;
      state.textContent = `${Math.floor(progress.value * 100)} %`;
      if (progress.value === 1) progress.removeAttribute("value");
    });
    request.addEventListener("loadend", () => {
      finish(item, request);
      resolve(request);
    });
    request.send(body);
  });
}

function finish(item, request) {
  const isGood = request.status >= 200 && request.status < 300;
  item.querySelector("progress").remove();
  item.dataset.tone = isGood ? "green" : "red";
  const state = item.querySelector("[data-state]");
  // The server's own words come as HTML (its fragment) or not at all: then the page's usual sentence is shown.
  const answer = request.responseText && request.getResponseHeader("Content-Type")?.includes("text/html");
  if (answer && request.status < 500) {
    state.innerHTML = request.responseText;
    window.htmx?.process(state);
  } else state.textContent = isGood ? state.dataset.good : state.dataset.bad;
}

async function sendAll(form, files) {
  let last = null;
  for (const file of files) last = await send(form, file);
  document.body.dispatchEvent(new CustomEvent("table-changed"));
  const next = files.length === 1 && last?.getResponseHeader("HX-Redirect");
  if (next) location.assign(next);
}

for (const form of document.querySelectorAll("form[data-upload]")) {
  const input = form.querySelector("input[type=file]");
  const over = (isOver) => (event) => {
    event.preventDefault();
    form.classList.toggle("is-over", isOver);
  };
  form.addEventListener("dragover", over(true));
  form.addEventListener("dragleave", over(false));
  form.addEventListener("drop", (event) => {
    over(false)(event);
    sendAll(form, [...event.dataTransfer.files]);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    sendAll(form, [...input.files]);
    input.value = "";
  });
  input.addEventListener("change", () => { if (form.hasAttribute("data-at-once")) form.requestSubmit(); });
}
