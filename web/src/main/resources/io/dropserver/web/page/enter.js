// The shell's side of entering.js: gets a code for this appspace and this browser, and posts it into the frame.
const frame = document.querySelector("iframe.app");
const { origin, tag } = frame.dataset;
/** Between two times that a frame makes this page load anew: milliseconds. */
const RELOADS = 30_000;
/** A frame that asks again and again is told no more. */
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
  // In a tab that does not let go of it, the earlier app would act with what this one is given.
  if (!await othersAreGone({ origin, tag })) {
    document.querySelector(".elsewhere").hidden = false;
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

/** Another appspace is in the frame than this page was loaded for. */
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
