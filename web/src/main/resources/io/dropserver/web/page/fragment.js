// The server never learns of a fragment, and an app's page looks for it as it loads: it is put onto the frame's address
// as soon as the frame is there. Hence no module, and in front of the frame. What the frame had begun to load is
// dropped, though the app may have been asked for it. A frame that gets its first address here would ask once, but
// begins as a page of the shell's own origin, of which Chromium warns in the console.
if (location.hash) {
  new MutationObserver((_, observer) => {
    const frame = document.querySelector("iframe.app");
    if (!frame) return;
    observer.disconnect();
    frame.src += location.hash;
  }).observe(document.currentScript.parentElement, { childList: true });
}
