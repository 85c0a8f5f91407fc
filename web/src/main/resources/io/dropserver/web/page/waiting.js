// Requests the page's headers at an interval, and reloads the page when they contain no Retry-
// After.
const again = document.querySelector("[data-after]");
const pause = Math.max(1, Number(again.dataset.after)) * 1000;

async function look() {
  try {
    const answer = await fetch(location.href, {
      method: "HEAD",
      cache: "no-store",
    });
    if (!answer.headers.has("retry-after")) {
      location.reload();
      return;
    }
  } catch {
    // The server cannot be reached. Check again.
  }
  setTimeout(look, pause);
}

setTimeout(look, pause);
