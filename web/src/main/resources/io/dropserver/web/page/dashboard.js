// Keeps the dashboard up to date. When the server reports a change, this script fetches the page
// again, parses it without running scripts, and replaces each section that differs.
const page = document.querySelector(".dashboard");
const pulse = page.querySelector(".pulse");
const log = page.querySelector("#log");
/** The maximum number of log lines on the page. */
const LINES = 500;
/** The interval between refreshes without an event stream, in milliseconds. */
const PAUSE = 20_000;

const format = {
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  timeZoneName: "short",
};
const clock = new Intl.DateTimeFormat("en-GB", format);
const logClock = new Intl.DateTimeFormat("en-GB", {
  ...format,
  second: "2-digit",
});

/** Formats times as the server does, but in the visitor's time zone. */
function localise(root) {
  for (const time of root.querySelectorAll("time[datetime]")) {
    const at = new Date(time.dateTime);
    if (Number.isNaN(at.valueOf())) continue;
    const exact = time.closest(".log");
    time.textContent = (exact ? logClock : clock).format(at);
  }
}

let loading = false;
let again = false;

function refresh() {
  if (loading) {
    again = true;
    return;
  }
  loading = true;
  const request = new XMLHttpRequest();
  request.open("GET", location.pathname);
  request.responseType = "document";
  request.onload = () => {
    const left = !request.responseXML?.querySelector(".dashboard");
    if (left || request.status !== 200) location.reload();
    else draw(request.responseXML);
  };
  request.onloadend = () => {
    loading = false;
    if (again) {
      again = false;
      refresh();
    }
  };
  request.send();
}

function draw(fresh) {
  localise(fresh);
  const said = states(page);
  for (const section of page.querySelectorAll("section[id]")) {
    const next = fresh.getElementById(section.id);
    // The log is updated line by line. A section with selected text is not replaced, so that the
    // selection is not lost.
    if (!next || section.contains(log) || isSelected(section)) continue;
    if (next.outerHTML === section.outerHTML) continue;
    const focused = [...section.querySelectorAll("a, button, [tabindex]")]
      .indexOf(document.activeElement);
    section.replaceChildren(...next.childNodes);
    if (focused >= 0) {
      section.querySelectorAll("a, button, [tabindex]")[focused]
        ?.focus({ preventScroll: true });
    }
  }
  tell(said, states(page));
}

function isSelected(section) {
  const selection = getSelection();
  return !selection.isCollapsed && selection.containsNode(section, true);
}

/** Returns the states that screen readers announce. Graphs are not announced. */
function states(root) {
  const found = new Map();
  for (const tile of root.querySelectorAll(".tile")) {
    const name = tile.querySelector("h3")?.textContent ??
      page.querySelector("h1").textContent;
    found.set(name.trim(), tile.querySelector(".state").textContent.trim());
  }
  return found;
}

function tell(before, now) {
  const news = [...now]
    .filter(([name, state]) => before.get(name) !== state)
    .map(([name, state]) => `${name}: ${state}`);
  if (news.length > 0) pulse.textContent = "Live. " + news.join(". ");
}

function add(data) {
  const [time, stream, ...text] = data.split("\n");
  const atEnd = log.scrollTop + log.clientHeight >= log.scrollHeight - 8;
  const line = document.createElement("p");
  line.className = ["stdout", "stderr", "server"].includes(stream)
    ? stream
    : "server";
  const when = document.createElement("time");
  when.dateTime = time;
  when.textContent = logClock.format(new Date(time));
  const words = document.createElement("span");
  words.textContent = text.join("\n");
  line.append(when, " ", words);
  log.append(line);
  while (log.childElementCount > LINES) log.firstElementChild.remove();
  if (atEnd) log.scrollTop = log.scrollHeight;
  const empty = page.querySelector("#log-empty");
  if (empty) empty.hidden = true;
}

function listen() {
  const stream = new EventSource(page.dataset.events);
  stream.onopen = () => {
    pulse.textContent = "Live";
  };
  stream.addEventListener("change", refresh);
  stream.addEventListener("log-begin", () => log?.replaceChildren());
  stream.addEventListener("log", (event) => log && add(event.data));
  stream.addEventListener("end", () => {
    stream.close();
    location.reload();
  });
  stream.onerror = () => {
    pulse.textContent = "Live updates are interrupted";
    // The server refused the stream, for example because too many pages are open. Refresh at
    // intervals instead.
    if (stream.readyState === EventSource.CLOSED) setInterval(refresh, PAUSE);
  };
  addEventListener("pagehide", () => stream.close());
}

function offerCopy() {
  const copy = page.querySelector(".copy");
  const link = page.querySelector("#link");
  if (!copy || !link) return;
  page.querySelector("#made-title").focus();
  copy.hidden = false;
  copy.addEventListener("click", async () => {
    link.select();
    try {
      await navigator.clipboard.writeText(link.value);
      copy.textContent = "Copied";
    } catch {
      copy.textContent = "Copy the selected link";
    }
  });
}

localise(page);
if (log) log.scrollTop = log.scrollHeight;
if (page.dataset.events) listen();
offerCopy();
