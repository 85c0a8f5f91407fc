// Checks again after a delay, and reloads the page when the server is ready.
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
    // The server is unreachable for a moment; check again.
  }
  setTimeout(look, pause);
}

setTimeout(look, pause);
