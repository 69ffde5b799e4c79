// Hands on the canvas: drag, pinch, wheel and keys move what it shows.
const STEP = 1.25;
const PAN_PX = 48;
const KEYS = {
  "+": (camera) => camera.zoom(STEP),
  "=": (camera) => camera.zoom(STEP),
  "-": (camera) => camera.zoom(1 / STEP),
  ArrowLeft: (camera) => camera.pan(PAN_PX, 0),
  ArrowRight: (camera) => camera.pan(-PAN_PX, 0),
  ArrowUp: (camera) => camera.pan(0, PAN_PX),
  ArrowDown: (camera) => camera.pan(0, -PAN_PX),
  0: (camera, fit) => fit(),
};

/** Let hands move `stage`; `fit` shows the whole print again. */
export function takeHands(stage, fit) {
  const { canvas, camera } = stage;
  const fingers = new Map();
  const moved = () => {
    // A finger scrolls the page until there is something to pan to.
    canvas.classList.toggle("is-zoomed", !camera.isFitted);
    stage.redraw();
  };
  const place = (event) => {
    const { left, top } = canvas.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  };
  const release = (event) => fingers.delete(event.pointerId);

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    canvas.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, place(event));
  });
  canvas.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    const now = place(event);
    const [other] = [...fingers].filter(([id]) => id !== event.pointerId).map(([, at]) => at);
    if (other) {
      const apart = (one) => Math.max(Math.hypot(one[0] - other[0], one[1] - other[1]), 1);
      camera.zoom(apart(now) / apart(before), (now[0] + other[0]) / 2, (now[1] + other[1]) / 2);
      camera.pan((now[0] - before[0]) / 2, (now[1] - before[1]) / 2);
    } else camera.pan(now[0] - before[0], now[1] - before[1]);
    fingers.set(event.pointerId, now);
    moved();
  });
  for (const name of ["pointerup", "pointercancel", "lostpointercapture"]) canvas.addEventListener(name, release);
  canvas.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey && document.activeElement !== canvas) return;
    event.preventDefault();
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    camera.zoom(STEP ** (-event.deltaY * lines / 100), ...place(event));
    moved();
  }, { passive: false });
  canvas.addEventListener("dblclick", () => { fit(); moved(); });
  canvas.addEventListener("keydown", (event) => {
    const act = event.ctrlKey || event.metaKey || event.altKey ? null : KEYS[event.key];
    if (!act) return;
    event.preventDefault();
    act(camera, fit);
    moved();
  });
  return { zoomIn: () => { camera.zoom(STEP); moved(); }, zoomOut: () => { camera.zoom(1 / STEP); moved(); }, moved };
}
