// A button with data-fullscreen="id" shows that element alone on the whole screen; Esc leaves it.
const button = document.querySelector("[data-fullscreen]");
if (button && document.fullscreenEnabled) {
  button.hidden = false;
  button.addEventListener("click", () => document.getElementById(button.dataset.fullscreen)?.requestFullscreen());
}
