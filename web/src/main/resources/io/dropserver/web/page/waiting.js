// A page that says "not yet" looks again by itself, and is replaced when there is something else.
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
    // The server is not there for a moment: look again all the same.
  }
  setTimeout(look, pause);
}

setTimeout(look, pause);
