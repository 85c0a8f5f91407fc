// On an appspace's host, in the frame of a shell that was loaded for the appspace which was here before.
const { shell } = document.querySelector("[data-shell]").dataset;
if (parent !== self) parent.postMessage({ dropserver: 1, moved: true }, shell);
