// Asks the person for confirmation before a link of the app opens another site. The app controls
// the time of the question, and can lure clicks within the frame. Therefore the confirming link is
// outside the frame, over the bar of this page, and works only after a second without a press, a
// release or a key. Only one question is shown at a time; requests in the meantime are dropped.
const frame = document.querySelector("iframe.app");
const { origin, prefix } = frame.dataset;
const links = frame.dataset.links.split(" ").filter(Boolean);
const template = document.querySelector("template.question");
const askAgain = document.querySelector(".ask-again");
/** The maximum length of an address in characters. A person could not read a longer one. */
const LONGEST_ADDRESS = 8000;
const QUIET = 1000;
/**
 * How long the app's requests are ignored after each consecutive refusal, in milliseconds. The last
 * silence lasts until the person ends it.
 */
const SILENCES = [10_000, 60_000, Infinity];
const ACTIVITY = [
  "pointerdown",
  "pointerup",
  "pointercancel",
  "click",
  "auxclick",
  "keydown",
  "keyup",
];

let asking = false;
let refusals = 0;
let silentUntil = 0;

document.querySelector(".bar .here").after(askAgain);
askAgain.addEventListener("click", endSilence);

// The listener of appspace.js runs first and stops messages beyond its limit.
addEventListener("message", (event) => {
  if (event.source !== frame.contentWindow || event.origin !== origin) return;
  const said = event.data;
  if (said?.dropserver === 1 && typeof said.open === "string") ask(said.open);
});

function ask(href) {
  const acted = navigator.userActivation?.isActive ?? true;
  if (asking || !acted || href.length > LONGEST_ADDRESS) return;
  const url = URL.canParse(href) ? new URL(href) : null;
  if (url?.origin === origin) {
    const place = prefix + url.pathname + url.search + url.hash;
    window.open(place, "_blank", "noopener");
    return;
  }
  if (!/^(https?|mailto|tel):$/.test(url?.protocol)) return;
  url.username = "";
  url.password = "";
  if (agreed(url)) {
    window.open(url.href, "_blank", "noopener,noreferrer");
  } else if (performance.now() < silentUntil) {
    askAgain.hidden = false;
  } else if (document.fullscreenElement) {
    // In fullscreen, the frame covers the whole screen, and the question could not be outside it.
    document.exitFullscreen();
  } else {
    show(url);
  }
}

/**
 * Returns whether `browser.links` of the whitelist allows links to this URL without confirmation.
 */
function agreed(url) {
  return links.some((entry) => {
    const [scheme, host] = entry.split("://");
    const slash = host.indexOf("/");
    const authority = slash < 0 ? host : host.slice(0, slash);
    const path = slash < 0 ? "/" : host.slice(slash);
    const whole = path.endsWith("/") ? path : path + "/";
    return url.protocol === scheme + ":" &&
      (authority.startsWith("*.")
        ? url.host.endsWith(authority.slice(1))
        : url.host === authority) &&
      (url.pathname + "/").startsWith(whole) &&
      !/%2e|%2f|%5c/i.test(url.pathname);
  });
}

/**
 * Shows a new dialog for each question. Its link opens exactly the shown URL, and is removed with
 * the dialog.
 */
function show(url) {
  const dialog = template.content.firstElementChild.cloneNode(true);
  const link = dialog.querySelector(".open");
  const start = url.host ? url.protocol + "//" : url.protocol;
  const text = [start, url.host, url.href.slice((start + url.host).length)];
  dialog.querySelectorAll(".destination > *").forEach((part, i) => {
    part.textContent = text[i];
  });
  dialog.querySelector(".foreign").hidden = !/(^|\.)xn--/.test(url.host);

  const end = new AbortController();
  armWhenQuiet(link, text.join(""), end.signal);
  link.addEventListener("click", () => link.href && dialog.close("yes"));
  dialog.addEventListener("close", () => {
    end.abort();
    dialog.remove();
    asking = false;
    if (dialog.returnValue === "yes") endSilence();
    else beginSilence();
  });
  asking = true;
  document.body.append(dialog);
  dialog.showModal();
  dialog.querySelector("button").focus();
}

/**
 * Sets the link's address after a second without a press, a release or a key in the focused page.
 */
function armWhenQuiet(link, address, signal) {
  let timer = 0;
  let down = false;
  const disarm = () => {
    link.removeAttribute("href");
    link.setAttribute("aria-disabled", "true");
    clearTimeout(timer);
    timer = setTimeout(arm, QUIET);
  };
  const arm = () => {
    if (down || !document.hasFocus()) return;
    link.href = address;
    link.removeAttribute("aria-disabled");
  };
  const act = (event) => {
    // A press of the armed link must not disarm it.
    if (link.href && link.contains(event.target)) return;
    down = event.type.endsWith("down");
    disarm();
  };
  const refocus = (event) => event.target === window && act(event);
  for (const type of ACTIVITY) {
    addEventListener(type, act, { capture: true, signal });
  }
  addEventListener("focus", refocus, { signal });
  addEventListener("blur", refocus, { signal });
  signal.addEventListener("abort", () => clearTimeout(timer));
  disarm();
}

function beginSilence() {
  const silence = SILENCES[Math.min(refusals, SILENCES.length - 1)];
  refusals++;
  silentUntil = performance.now() + silence;
}

function endSilence() {
  refusals = 0;
  silentUntil = 0;
  askAgain.hidden = true;
}
