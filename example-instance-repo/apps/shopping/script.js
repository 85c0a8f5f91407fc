// All works without this script; it sends forms in the background and shows what others change.
const list = document.querySelector("#list");
const presence = document.querySelector("#presence");
let wait = 500;

function connect() {
  const url = new URL("/live", location.href);
  url.protocol = url.protocol.replace("http", "ws");
  const socket = new WebSocket(url);
  socket.addEventListener("message", ({ data }) => {
    wait = 500;
    show(JSON.parse(data));
  });
  socket.addEventListener("close", () => {
    presence.textContent = "Connecting…";
    setTimeout(connect, wait);
    wait = Math.min(wait * 2, 30_000);
  });
}

function show({ people, list: part }) {
  const others = people - 1;
  presence.textContent = others === 0
    ? ""
    : others === 1
    ? "1 more is here"
    : `${others} more are here`;
  const focused = document.activeElement?.id;
  list.innerHTML = part;
  if (focused && document.activeElement === document.body) {
    (document.getElementById(focused) ?? list.querySelector("button"))?.focus();
  }
}

document.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const body = new URLSearchParams(new FormData(form, event.submitter));
  if (form.matches(".add")) form.reset();
  const response = await fetch(form.action, { method: "POST", body, redirect: "manual" });
  // A redirect is the answer to what was done; anything else the page itself shows.
  if (response.type !== "opaqueredirect") location.reload();
});

connect();
