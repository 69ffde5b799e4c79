// Reads codes with the phone's camera, where the browser can; what it reads goes into the form beside it.
const box = document.querySelector("[data-scan]");
const form = document.getElementById(box?.dataset.scan);
const video = box?.querySelector("video");
const start = box?.querySelector("[data-scan-start]");
const EVERY = 150;

async function canRead() {
  if (!("BarcodeDetector" in window) || !navigator.mediaDevices?.getUserMedia) return false;
  const known = await BarcodeDetector.getSupportedFormats().catch(() => []);
  return known.includes("qr_code");
}

function say(what) {
  for (const line of box.querySelectorAll("[data-scan-say]")) line.hidden = line.dataset.scanSay !== what;
}

function stop() {
  for (const track of video.srcObject?.getTracks() ?? []) track.stop();
  video.srcObject = null;
  video.hidden = true;
}

async function look(detector) {
  if (!video.srcObject) return;
  const codes = await detector.detect(video).catch(() => []);
  if (!codes.length) {
    setTimeout(look, EVERY, detector);
    return;
  }
  stop();
  form.elements.code.value = codes[0].rawValue;
  form.requestSubmit();
}

async function begin() {
  try {
    video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  } catch {
    say("denied");
    return;
  }
  say("looking");
  start.hidden = true;
  video.hidden = false;
  await video.play();
  look(new BarcodeDetector({ formats: ["qr_code", "data_matrix", "code_128"] }));
}

if (box) {
  start.addEventListener("click", begin);
  addEventListener("pagehide", stop);
  canRead().then((can) => {
    start.hidden = !can;
    say(can ? "" : isSecureContext ? "unable" : "insecure");
  });
}
