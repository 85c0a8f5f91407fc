// The server never receives the fragment, but an app's page may read it while loading. Therefore
// this script adds the fragment to the frame's address as soon as the frame exists. It is not a
// module and comes before the frame. The browser cancels the frame's first request, but the app may
// have received it. To avoid this request, this script would have to set the frame's first address.
// But then the frame would start as an empty page of the shell's origin, and Chromium would log a
// warning.
if (location.hash) {
  new MutationObserver((_, observer) => {
    const frame = document.querySelector("iframe.app");
    if (!frame) return;
    observer.disconnect();
    frame.src += location.hash;
  }).observe(document.currentScript.parentElement, { childList: true });
}
