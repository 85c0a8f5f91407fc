// The counterpart of frame.js in the shell's page. Messages from the frame are untrusted. They may
// change only the title of this page, and its address below the appspace's prefix. question.js
// handles requests to open a link.
const frame = document.querySelector("iframe.app");
const { origin, prefix, label } = frame.dataset;
const held = document.querySelector(".held");
const LONGEST_PATH = 4000;
const LONGEST_TITLE = 80;
/** The minimum interval between two updates of this page's address and title, in milliseconds. */
const STEP = 200;
/**
 * The maximum number of messages per step. Further messages are not deserialised, so that large
 * messages do not occupy this page.
 */
const MOST_MESSAGES = 50;
/** Control and bidirectional characters. */
const STEERING =
  /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g;

let heard = {};
let messages = 0;
let following = false;

addEventListener("message", (event) => {
  if (event.source !== frame.contentWindow || event.origin !== origin) return;
  if (++messages > MOST_MESSAGES) {
    event.stopImmediatePropagation();
    return;
  }
  const said = event.data;
  if (said?.dropserver === 1) {
    if (typeof said.path === "string") heard.path = said.path;
    if (typeof said.title === "string") heard.title = said.title;
  }
  if (!following) follow();
});
// The frame may have sent messages before this listener was registered.
tellAgain();

/**
 * Asks the frame to report its address and title again. The target origin is any, because the frame
 * may not have loaded a page of the app yet.
 */
function tellAgain() {
  frame.contentWindow.postMessage({ dropserver: 1 }, "*");
}

function parse(text) {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

/** Applies messages once per step, until a step without messages. */
function follow() {
  following = messages > 0;
  if (!following) return;
  if (messages > MOST_MESSAGES) tellAgain();
  messages = 0;
  followLast();
  setTimeout(follow, STEP);
}

/** Applies the latest address and title. */
function followLast() {
  const { path, title } = heard;
  heard = {};
  if (path !== undefined) locate(path);
  if (title !== undefined) entitle(title);
}

/** Sets this page's address to that of the frame. */
function locate(path) {
  const url = path.startsWith("/") && path.length <= LONGEST_PATH
    ? parse(origin + path)
    : null;
  if (url?.origin !== origin) return;
  held.hidden = true;
  const here = prefix + url.pathname + url.search + url.hash;
  if (here !== location.pathname + location.search + location.hash) {
    try {
      history.replaceState(null, "", here);
    } catch {
      // Browsers limit how often a page may change its address.
    }
  }
}

function entitle(text) {
  const start = text.slice(0, 8 * LONGEST_TITLE).replace(STEERING, " ");
  const title = start.replace(/\s+/g, " ").trim();
  const short = [...title].slice(0, LONGEST_TITLE).join("");
  document.title = short && short !== label ? `${short} · ${label}` : label;
}

// After this page's policy has blocked a navigation, the frame shows the browser's error page.
document.addEventListener("securitypolicyviolation", (event) => {
  if (event.effectiveDirective !== "frame-src") return;
  followLast();
  const url = parse(event.blockedURI);
  held.querySelector("code").textContent = url?.host || event.blockedURI;
  held.hidden = false;
});
held.querySelector("button").addEventListener("click", () => {
  held.hidden = true;
  const here = location.pathname.slice(prefix.length) + location.search;
  frame.contentWindow.location.replace(origin + (here || "/") + location.hash);
});
