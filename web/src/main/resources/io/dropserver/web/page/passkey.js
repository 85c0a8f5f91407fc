// Creates a passkey, or logs in with a passkey. Requests a challenge from the server, lets the
// authenticator sign it, and submits the result with form.passkey. The page that the server returns
// shows errors.
const form = document.querySelector("form.passkey");
/**
 * How long a challenge is offered in the name field, in milliseconds. Its lifetime on the server is
 * longer.
 */
const FRESH = 4 * 60 * 1000;
let offer = new AbortController();

const bytes = (text) =>
  Uint8Array.from(
    atob(text.replaceAll("-", "+").replaceAll("_", "/")),
    (character) => character.charCodeAt(0),
  );
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer ?? [])))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

/** Fetches a challenge and the options for navigator.credentials from the server. */
async function options() {
  const answer = await fetch(form.dataset.ask, { method: "POST" });
  if (answer.redirected) {
    location.assign(answer.url);
    return new Promise(() => {});
  }
  const asked = await answer.json();
  asked.challenge = bytes(asked.challenge);
  if (asked.user) asked.user.id = bytes(asked.user.id);
  for (const other of asked.excludeCredentials ?? []) {
    other.id = bytes(other.id);
  }
  return asked;
}

async function made() {
  const { response } = await navigator.credentials.create({
    publicKey: await options(),
  });
  return {
    attestation: text(response.attestationObject),
    client: text(response.clientDataJSON),
  };
}

async function signed(how) {
  const { rawId, response } = await navigator.credentials.get({
    publicKey: await options(),
    ...how,
  });
  return {
    id: text(rawId),
    user: text(response.userHandle),
    authenticator: text(response.authenticatorData),
    client: text(response.clientDataJSON),
    signature: text(response.signature),
  };
}

function send(fields) {
  for (const [name, value] of Object.entries(fields)) {
    const field = form.elements.namedItem(name) ??
      document.createElement("input");
    field.type = "hidden";
    field.name = name;
    field.value = value;
    form.append(field);
  }
  form.submit();
}

function say(problem) {
  const said = {
    NotAllowedError: "No passkey was used.",
    InvalidStateError: "This device already has a passkey of yours.",
    SecurityError: "Your browser cannot use passkeys at this address.",
    NotSupportedError: "This device cannot store a passkey.",
  };
  const note = form.querySelector("[role=alert]");
  note.textContent = said[problem.name] ?? "That did not work. Try again.";
  note.hidden = false;
}

async function act() {
  offer.abort();
  try {
    send("make" in form.dataset ? await made() : await signed({}));
  } catch (problem) {
    say(problem);
    offerAsName();
  }
}

/** Offers passkeys in the autocompletion of the name field, if the browser supports this. */
async function offerAsName() {
  if ("make" in form.dataset) return;
  if (!await PublicKeyCredential.isConditionalMediationAvailable?.()) return;
  offer = new AbortController();
  const { signal } = offer;
  const old = setTimeout(() => {
    offer.abort();
    offerAsName();
  }, FRESH);
  try {
    send(await signed({ mediation: "conditional", signal }));
  } catch {
    // The person selected no passkey, or pressed the button instead.
  } finally {
    clearTimeout(old);
  }
}

if (form && self.PublicKeyCredential && navigator.credentials) {
  form.hidden = false;
  document.querySelector(".no-passkeys").hidden = true;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    act();
  });
  offerAsName();
}
