// On an appspace's host, in the frame: this tab showed another appspace here before. Clear-Site-Data leaves out what a
// tab keeps for itself.
sessionStorage.clear();
const { to } = document.querySelector("[data-to]").dataset;
location.replace(to + location.hash);
