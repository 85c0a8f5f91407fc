// A fragment never reaches the server. Browsers keep it through redirects, so it arrives here, and goes along with
// where the log-in leads on to.
for (const to of document.querySelectorAll("input[name=to]")) {
  if (location.hash && !to.value.includes("#")) to.value += location.hash;
}
