// Passkeys: a button asks the browser's key and sends the form it stands in with the answer.
// data-passkey is the address of the options, data-ceremony "create" or "get", data-into the field for the answer.
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const known = (list) => list?.map((one) => ({ ...one, id: bytes(one.id) }));

async function options(button) {
  const token = button.form.querySelector("[name=csrfmiddlewaretoken]").value;
  const answer = await fetch(button.dataset.passkey, { method: "POST", headers: { "X-CSRFToken": token } });
  if (!answer.ok) throw new Error(await answer.text());
  const said = await answer.json();
  const user = said.user && { ...said.user, id: bytes(said.user.id) };
  return {
    ...said, challenge: bytes(said.challenge), ...(user && { user }),
    ...(said.excludeCredentials && { excludeCredentials: known(said.excludeCredentials) }),
    ...(said.allowCredentials && { allowCredentials: known(said.allowCredentials) }),
  };
}

function written(key) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"])
    if (key.response[name]) response[name] = text(key.response[name]);
  return JSON.stringify({ id: key.id, rawId: text(key.rawId), type: key.type, response });
}

async function ask(button) {
  if (!button.form.reportValidity()) return;
  const publicKey = await options(button);
  const key = button.dataset.ceremony === "create"
    ? await navigator.credentials.create({ publicKey })
    : await navigator.credentials.get({ publicKey });
  button.form.elements[button.dataset.into].value = written(key);
  button.form.submit();
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("button[data-passkey]");
  if (!button) return;
  event.preventDefault();
  const said = button.form.querySelector("[data-passkey-said]");
  said.textContent = "";
  button.disabled = true;
  try {
    if (!window.PublicKeyCredential) throw new TypeError("no passkeys here");
    await ask(button);
  } catch (error) {
    said.textContent = error instanceof TypeError ? said.dataset.lacking : said.dataset.failed;
  }
  button.disabled = false;
});
