// The server never learns of a fragment, and an app's page looks for it as it loads: it stands in the first address that
// the frame is given. Hence no module, and an address that the frame does not load by itself.
const awaiting = document.currentScript.previousElementSibling;
awaiting.src = awaiting.dataset.src + location.hash;
