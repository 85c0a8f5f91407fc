// All works without this script; it adds the reader's own day, and keys.
const write = document.querySelector("#write");

if (write) {
  const now = new Date();
  const day = [now.getFullYear(), now.getMonth() + 1, now.getDate()];
  write.querySelector("[type=date]").value = day.map((it) => String(it).padStart(2, "0")).join("-");
}

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea");
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.target.closest("form")?.requestSubmit();
  } else if (!typing && event.key === "n" && write && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    write.open = true;
    write.querySelector("textarea").focus();
  }
});
