// Asks the browser for a security key and hands its answer to the form. The options stand in the page as JSON, their
// bytes in base64url; the answer goes back the same way (WebAuthn Level 3, the JSON forms of options and credentials).
const toBytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));

const toText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

const withBytes = (credentials) => (credentials ?? []).map((one) => ({ ...one, id: toBytes(one.id) }));

async function create(options) {
  const made = await navigator.credentials.create({
    publicKey: {
      ...options,
      challenge: toBytes(options.challenge),
      user: { ...options.user, id: toBytes(options.user.id) },
      excludeCredentials: withBytes(options.excludeCredentials),
    },
  });
  return {
    ...answer(made),
    response: {
      clientDataJSON: toText(made.response.clientDataJSON),
      attestationObject: toText(made.response.attestationObject),
    },
  };
}

async function get(options) {
  const used = await navigator.credentials.get({
    publicKey: {
      ...options,
      challenge: toBytes(options.challenge),
      allowCredentials: withBytes(options.allowCredentials),
    },
  });
  const { authenticatorData, clientDataJSON, signature, userHandle } = used.response;
  return {
    ...answer(used),
    response: {
      authenticatorData: toText(authenticatorData),
      clientDataJSON: toText(clientDataJSON),
      signature: toText(signature),
      userHandle: userHandle ? toText(userHandle) : null,
    },
  };
}

function answer(credential) {
  return {
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    clientExtensionResults: credential.getClientExtensionResults(),
  };
}

function complain(form, error) {
  const words =
    error.name === "SecurityError" ? form.dataset.insecure
    : error.name === "InvalidStateError" ? form.dataset.known
    : form.dataset.refused;
  const box = form.querySelector("[data-complaint]");
  box.querySelector("p").textContent = words;
  box.hidden = false;
}

const verbs = { create, get };

for (const form of document.querySelectorAll("form[data-security-key]")) {
  const options = JSON.parse(form.querySelector("script[type='application/json']").textContent);
  let asking = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    event.stopPropagation();
    if (asking) return;
    asking = true;
    try {
      if (!window.PublicKeyCredential) throw new DOMException("", "SecurityError");
      const credential = await verbs[form.dataset.securityKey](options.publicKey ?? options);
      form.elements.namedItem("credential").value = JSON.stringify(credential);
      form.submit();
    } catch (error) {
      complain(form, error);
    } finally {
      asking = false;
    }
  });
}
