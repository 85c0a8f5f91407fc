// The server never receives the fragment, but browsers keep it through redirects. Append it to the
// address to which the server redirects after the log-in.
for (const to of document.querySelectorAll("input[name=to]")) {
  if (location.hash && !to.value.includes("#")) to.value += location.hash;
}
for (const link of document.querySelectorAll("a.provider")) {
  const url = new URL(link.href);
  const to = url.searchParams.get("to");
  if (location.hash && !to.includes("#")) {
    url.searchParams.set("to", to + location.hash);
    link.href = url.href;
  }
}
