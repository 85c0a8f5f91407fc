// The shell's side of entering.js: gets a code for this appspace and this browser, and posts it into the frame.
const frame = document.querySelector("iframe.app");
const { origin } = frame.dataset;
/** A frame that asks again and again is told no more. */
let tries = 3;
let asked = "";

addEventListener("message", async (event) => {
  if (event.source !== frame.contentWindow || event.origin !== origin) return;
  const { dropserver, enter, to } = event.data ?? {};
  if (dropserver !== 1 || typeof enter !== "string" || typeof to !== "string") {
    return;
  }
  if (enter === asked || tries-- <= 0) return;
  asked = enter;
  const answer = await fetch("/enter", {
    method: "POST",
    body: new URLSearchParams({
      host: new URL(origin).hostname,
      binding: enter,
    }),
  });
  if (answer.status === 401) {
    location.assign(
      "/login?to=" +
        encodeURIComponent(location.pathname + location.search + location.hash),
    );
  } else if (answer.ok) {
    post(await answer.text(), to);
  }
});

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
