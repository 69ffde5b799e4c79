// Push in this browser: the panel #push knows the server's key, the worker's address and where to tell of it.
const panel = document.getElementById("push");
const headers = () => JSON.parse(document.body.getAttribute("hx-headers"));

function show(state, trouble = "") {
  for (const line of panel.querySelectorAll("[data-state]")) line.hidden = line.dataset.state !== state;
  panel.querySelector('[data-switch="on"]').hidden = state !== "off";
  panel.querySelector('[data-switch="off"]').hidden = state !== "on";
  const told = panel.querySelector("[data-trouble]");
  told.hidden = !trouble;
  told.textContent = trouble;
}

const key = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));

function nameOfBrowser() {
  const brands = navigator.userAgentData?.brands?.map((one) => one.brand).filter((one) => !/not.?a.?brand/i.test(one));
  const browser = brands?.at(-1) ?? /(Firefox|Edg|OPR|Chrome|Safari)/.exec(navigator.userAgent)?.[1] ?? "";
  return [browser, navigator.userAgentData?.platform ?? navigator.platform].filter(Boolean).join(", ");
}

// The worker's folder is its scope: each organisation has its own worker, and its own subscription.
const scope = () => new URL("./", new URL(panel.dataset.worker, location.href)).pathname;
const worker = () => navigator.serviceWorker.getRegistration(scope());

async function subscription() {
  return (await worker())?.pushManager.getSubscription() ?? null;
}

async function look() {
  if (!isSecureContext) return show("insecure");
  if (!("serviceWorker" in navigator) || !("PushManager" in window)) return show("none");
  if (Notification.permission === "denied") return show("blocked");
  return show((await subscription()) ? "on" : "off");
}

async function tell(made) {
  const body = JSON.stringify({ ...made.toJSON(), name: nameOfBrowser() });
  const answer = await fetch(panel.dataset.add, { method: "POST", body, headers: { ...headers(), "Content-Type": "application/json" } });
  if (answer.ok) return;
  await made.unsubscribe();
  throw new Error(answer.status === 422 ? await answer.text() : answer.statusText);
}

async function switchOn() {
  if ((await Notification.requestPermission()) !== "granted") return look();
  await navigator.serviceWorker.register(panel.dataset.worker, { scope: scope() });
  const registration = await worker();
  await active(registration);
  await tell(await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key(panel.dataset.key) }));
  location.reload();
}

function active(registration) {
  const waiting = registration.installing ?? registration.waiting;
  if (registration.active || !waiting) return null;
  return new Promise((done) => waiting.addEventListener("statechange", () => waiting.state === "activated" && done()));
}

async function switchOff() {
  const made = await subscription();
  if (made) {
    await made.unsubscribe();
    await fetch(panel.dataset.remove, { method: "POST", body: new URLSearchParams({ endpoint: made.endpoint }), headers: headers() });
  }
  location.reload();
}

panel.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-switch]");
  if (!button) return;
  try {
    await (button.dataset.switch === "on" ? switchOn() : switchOff());
  } catch (error) {
    show(button.dataset.switch === "on" ? "off" : "on", error.message);
  }
});
look();
