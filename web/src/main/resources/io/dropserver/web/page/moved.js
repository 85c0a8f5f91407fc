// Runs on an appspace's host, in the frame of a shell page that was loaded for the previous
// appspace. Makes that page reload.
const { shell } = document.querySelector("[data-shell]").dataset;
if (parent !== self) parent.postMessage({ dropserver: 1, moved: true }, shell);
