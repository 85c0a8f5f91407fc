// The counterpart of entering.js in the shell's page. Requests a code that logs this browser in to
// the appspace, and submits the code into the frame.
const frame = document.querySelector("iframe.app");
const { origin, tag } = frame.dataset;
/** The minimum interval between two reloads that the frame causes, in milliseconds. */
const RELOADS = 30_000;
/** The number of further codes that the frame may request. */
let tries = 3;
let asked = "";

addEventListener("message", async (event) => {
  if (event.source !== frame.contentWindow || event.origin !== origin) return;
  const { dropserver, enter, to, moved } = event.data ?? {};
  if (dropserver === 1 && moved === true) reload();
  if (dropserver !== 1 || typeof enter !== "string" || typeof to !== "string") {
    return;
  }
  if (enter === asked || tries-- <= 0) return;
  asked = enter;
  // If the earlier app still ran on this host in another tab, it could use the session that this
  // tab receives.
  const others = await removeOthers({ origin, tag });
  if (others !== "alone") {
    document.querySelector(".elsewhere").hidden = others !== "held";
    return;
  }
  const answer = await fetch("/enter", {
    method: "POST",
    body: new URLSearchParams({
      host: new URL(origin).hostname,
      binding: enter,
      appspace: tag,
    }),
  });
  if (answer.status === 401) {
    location.assign(
      "/login?to=" +
        encodeURIComponent(location.pathname + location.search + location.hash),
    );
  } else if (answer.ok) {
    post(await answer.text(), to);
  } else {
    reload();
  }
});

/**
 * Reloads this page, which was loaded for another appspace than the host has now, or for a person
 * who has lost access.
 */
function reload() {
  const last = Number(sessionStorage.getItem("reloaded") ?? 0);
  if (Date.now() - last < RELOADS) return;
  sessionStorage.setItem("reloaded", String(Date.now()));
  location.reload();
}

function post(code, to) {
  const form = document.createElement("form");
  form.method = "post";
  form.action = origin + "/.dropserver/enter";
  form.target = frame.name;
  for (const [name, value] of Object.entries({ code, to })) {
    const field = document.createElement("input");
    field.type = "hidden";
    field.name = name;
    field.value = value;
    form.append(field);
  }
  document.body.append(form);
  form.submit();
  form.remove();
}
