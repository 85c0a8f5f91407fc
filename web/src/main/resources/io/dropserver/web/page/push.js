// Turns messages by Web Push on and off for this browser.
const WORKER = "/push/worker.js";
/** A scope that contains no page: the worker only receives messages. */
const SCOPE = "/push/worker/";

const page = document.querySelector(".push");
const state = page.querySelector("[role=status]");
const on = page.querySelector("button[value=on]");
const off = page.querySelector("button[value=off]");
// This page's policy allows no other policy, and this one no other script.
const policy = globalThis.trustedTypes?.createPolicy("push", {
  createScriptURL: () => WORKER,
});

function show(text, subscribed) {
  state.textContent = text;
  on.hidden = subscribed;
  off.hidden = !subscribed;
}

async function activeRegistration() {
  const script = policy?.createScriptURL("") ?? WORKER;
  const registration = await navigator.serviceWorker.register(script, { scope: SCOPE });
  const worker = registration.installing ?? registration.waiting;
  if (!registration.active) {
    await new Promise((resolve) =>
      worker.addEventListener("statechange", () => {
        if (worker.state === "activated") resolve();
      })
    );
  }
  return registration;
}

async function send(subscription, to) {
  const { endpoint, keys } = subscription.toJSON();
  const response = await fetch("/push", {
    method: "POST",
    body: new URLSearchParams({ endpoint, p256dh: keys.p256dh, auth: keys.auth, state: to }),
  });
  if (!response.ok) throw new Error(await response.text());
}

async function subscribed() {
  const registration = await navigator.serviceWorker.getRegistration(SCOPE);
  return registration?.pushManager.getSubscription();
}

async function turnOn() {
  const registration = await activeRegistration();
  if (await Notification.requestPermission() !== "granted") {
    throw new Error("this browser does not allow this site to show messages");
  }
  const subscription = await registration.pushManager.subscribe({
    userVisibleOnly: true,
    applicationServerKey: page.dataset.key,
  });
  await send(subscription, "on");
  show("This browser shows messages of your apps.", true);
}

async function turnOff() {
  const subscription = await subscribed();
  if (subscription) {
    await send(subscription, "off");
    await subscription.unsubscribe();
  }
  await (await navigator.serviceWorker.getRegistration(SCOPE))?.unregister();
  show("This browser shows no messages.", false);
}

function run(action) {
  on.disabled = off.disabled = true;
  action()
    .catch((error) => {
      state.textContent = `This did not work: ${error.message}`;
    })
    .finally(() => {
      on.disabled = off.disabled = false;
    });
}

if ("serviceWorker" in navigator && "PushManager" in globalThis) {
  on.addEventListener("click", () => run(turnOn));
  off.addEventListener("click", () => run(turnOff));
  run(async () => {
    const subscription = await subscribed();
    // A log-out ended the subscription at the server; a new session stores it again.
    if (subscription) await send(subscription, "on");
    show(
      subscription
        ? "This browser shows messages of your apps."
        : "This browser shows no messages.",
      Boolean(subscription),
    );
  });
} else {
  show("This browser offers no messages here. Over plain http, browsers offer none.", false);
  on.hidden = true;
}
