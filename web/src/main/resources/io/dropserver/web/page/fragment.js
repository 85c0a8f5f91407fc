// The server never learns of a fragment, and an app's page looks for it as it loads: it stands in the frame's address
// before the frame has loaded anything. Hence no module, and in front of the frame.
if (location.hash) {
  new MutationObserver((_, observer) => {
    const frame = document.querySelector("iframe.app");
    if (!frame) return;
    observer.disconnect();
    frame.src += location.hash;
  }).observe(document.currentScript.parentElement, { childList: true });
}
