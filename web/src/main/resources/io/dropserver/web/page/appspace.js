// The shell's side of an appspace in its frame. Whatever the frame says is text that an app wrote: it may change the
// rest of this page's address and title, and ask to open a link, which a person then sees whole and agrees to.
const frame = document.querySelector("iframe.app");
const { origin, prefix, label } = frame.dataset;
const links = frame.dataset.links.split(" ").filter(Boolean);
const dialog = document.querySelector("dialog");
const open = dialog.querySelector("a");
const held = document.querySelector(".held");
const LONGEST_PATH = 4000;
const LONGEST_TITLE = 80;
/** For a second click that was meant for the app. */
const PAUSE = 600;
/** Between two times that this page follows what an app says, which may be said without end. */
const STEP = 200;
/** What steers text instead of being text. */
const STEERING =
  /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g;

let heard = {};
let following = false;

addEventListener("message", (event) => {
  if (event.source !== frame.contentWindow || event.origin !== origin) return;
  const said = event.data;
  if (said?.dropserver !== 1) return;
  if (typeof said.path === "string") heard.path = said.path;
  if (typeof said.title === "string") heard.title = said.title;
  if (!following) keepFollowing();
  if (typeof said.open === "string") ask(said.open);
});
// It may have spoken before this was here to listen. It may also not be there yet: hence any origin.
frame.contentWindow.postMessage({ dropserver: 1 }, "*");

function parse(text) {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

function keepFollowing() {
  following = "path" in heard || "title" in heard;
  if (!following) return;
  followLast();
  setTimeout(keepFollowing, STEP);
}

/** What was said last counts. */
function followLast() {
  const { path, title } = heard;
  heard = {};
  if (path !== undefined) follow(path);
  if (title !== undefined) entitle(title);
}

/** Where the frame is, this page is. */
function follow(path) {
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
      // The app changes its address faster than browsers allow.
    }
  }
}

function entitle(text) {
  const title = text.replace(STEERING, " ").replace(/\s+/g, " ").trim();
  const short = [...title].slice(0, LONGEST_TITLE).join("");
  document.title = short && short !== label ? `${short} · ${label}` : label;
}

/** Whether the owner lets links lead there without a question. */
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

function ask(href) {
  const url = parse(href);
  const acted = navigator.userActivation?.isActive ?? true;
  if (!url || !acted || dialog.open) return;
  if (url.origin === origin) {
    const place = prefix + url.pathname + url.search + url.hash;
    window.open(place, "_blank", "noopener");
    return;
  }
  if (!/^(https?|mailto|tel):$/.test(url.protocol)) return;
  url.username = "";
  url.password = "";
  if (agreed(url)) {
    window.open(url.href, "_blank", "noopener,noreferrer");
    return;
  }
  show(url);
}

function show(url) {
  const [scheme, host, rest] = dialog.querySelectorAll(".destination > *");
  const start = url.host ? url.protocol + "//" : url.protocol;
  scheme.textContent = start;
  host.textContent = url.host;
  rest.textContent = url.href.slice(start.length + url.host.length);
  dialog.querySelector(".foreign").hidden = !/(^|\.)xn--/.test(url.host);
  open.removeAttribute("href");
  open.setAttribute("aria-disabled", "true");
  dialog.showModal();
  dialog.querySelector("button").focus();
  setTimeout(() => {
    open.href = url.href;
    open.removeAttribute("aria-disabled");
  }, PAUSE);
}

open.addEventListener("click", () => open.href && dialog.close());

// A navigation that this page's policy stopped leaves the browser's error in the frame.
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
