// Runs on an appspace's host, in the shell's frame. Asks the shell to log this browser in. Sends
// the hash of a nonce in a cookie that no script can read. The code that the shell gets for this
// hash is valid only in this browser.
const { shell, binding, to } = document.querySelector("[data-binding]").dataset;
const asked = to === "/" && !location.pathname.startsWith("/.dropserver/")
  ? location.pathname + location.search
  : to;
const path = asked + location.hash;

// This tab showed another appspace on this host before; see clearing.js.
if (new URLSearchParams(location.search).has("tab")) sessionStorage.clear();

if (parent !== self) {
  parent.postMessage({ dropserver: 1, enter: binding, to: path }, shell);
  addEventListener("message", (event) => {
    // The shell asks again, because it may have missed the first message.
    if (event.source === parent && event.origin === shell) {
      parent.postMessage({ dropserver: 1, enter: binding, to: path }, shell);
    }
  });
}
