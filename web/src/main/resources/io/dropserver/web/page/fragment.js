// The server never receives the fragment, but an app's page may read it while loading. Therefore
// this script adds it to the frame's address as soon as the frame exists. It is not a module and
// comes before the frame. The load that the frame had already started is cancelled, although the
// app may have received that request. Setting the frame's first address here would avoid that
// request, but then the frame would start as a page of the shell's own origin, and Chromium logs a
// warning about that.
if (location.hash) {
  new MutationObserver((_, observer) => {
    const frame = document.querySelector("iframe.app");
    if (!frame) return;
    observer.disconnect();
    frame.src += location.hash;
  }).observe(document.currentScript.parentElement, { childList: true });
}
