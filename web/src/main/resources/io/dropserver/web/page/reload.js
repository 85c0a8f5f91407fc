// Reloads the shell's page of an app after its author saved a new version. Only `app dev` adds this
// script, and only to its own page, never to a page of the app.
const { version } = document.querySelector("iframe.app").dataset;
let stream;

/** A hidden page holds no connection: browsers open only six for each host. */
function follow() {
  stream?.close();
  if (document.visibilityState !== "visible") return;
  stream = new EventSource("/dev/reload");
  stream.addEventListener("version", (event) => {
    if (event.data === version) return;
    stream.close();
    location.reload();
  });
}

document.addEventListener("visibilitychange", follow);
follow();
