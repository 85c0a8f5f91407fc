// Runs on an appspace's host, in the frame, after this tab showed another appspace there.
// Clear-Site-Data does not clear the session storage of a tab.
sessionStorage.clear();
const { to } = document.querySelector("[data-to]").dataset;
location.replace(to + location.hash);
