// Runs on an appspace's host, in the shell's frame: asks the shell to log this browser in. It sends
// the hash of a cookie that no page can read, and a code for that hash is useless elsewhere.
const { shell, binding, to } = document.querySelector("[data-binding]").dataset;
const asked = to === "/" && !location.pathname.startsWith("/.dropserver/")
  ? location.pathname + location.search
  : to;
const path = asked + location.hash;

// This tab showed another appspace here before; see clearing.js.
if (new URLSearchParams(location.search).has("tab")) sessionStorage.clear();

if (parent !== self) {
  parent.postMessage({ dropserver: 1, enter: binding, to: path }, shell);
  addEventListener("message", (event) => {
    // The shell was not listening yet.
    if (event.source === parent && event.origin === shell) {
      parent.postMessage({ dropserver: 1, enter: binding, to: path }, shell);
    }
  });
}
