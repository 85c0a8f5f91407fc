// All works without this script; it adds search as one types, the reader's own day, and keys.
const search = document.querySelector(".search input");
const write = document.querySelector("#write");

let latest = 0;
search.addEventListener("input", async () => {
  const mine = ++latest;
  const url = search.value.trim() === "" ? "/" : `/?${new URLSearchParams({ q: search.value })}`;
  const response = await fetch(url);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const main = page.querySelector("main");
  // A later search may have been answered before this one.
  if (mine !== latest || !response.ok) return;
  document.querySelector("main").replaceChildren(...main.childNodes);
  history.replaceState(null, "", url);
});

if (write) {
  const now = new Date();
  const day = [now.getFullYear(), now.getMonth() + 1, now.getDate()];
  write.querySelector("[type=date]").value = day.map((it) => String(it).padStart(2, "0")).join("-");
}

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea");
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.target.closest("form")?.requestSubmit();
  } else if (!typing && event.key === "/") {
    event.preventDefault();
    search.focus();
  } else if (!typing && event.key === "n" && write && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    write.open = true;
    write.querySelector("textarea").focus();
  }
});
