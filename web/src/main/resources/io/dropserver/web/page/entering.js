// On an appspace's host, in the shell's frame: asks the shell to let this browser in. What it tells is a hash of a cookie
// that no page can read; a code for it is of no use elsewhere.
const { shell, binding, to } = document.querySelector("[data-binding]").dataset;
const asked = to === "/" && !location.pathname.startsWith("/.dropserver/")
  ? location.pathname + location.search
  : to;
const path = asked + location.hash;

// This tab showed another appspace here before: clearing.js.
if (new URLSearchParams(location.search).has("tab")) sessionStorage.clear();

if (parent !== self) {
  parent.postMessage({ dropserver: 1, enter: binding, to: path }, shell);
  addEventListener("message", (event) => {
    // The shell was not there to listen yet.
    if (event.source === parent && event.origin === shell) {
      parent.postMessage({ dropserver: 1, enter: binding, to: path }, shell);
    }
  });
}
