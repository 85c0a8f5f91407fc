// An app that is shown in another tab goes on running there when its host is given to another appspace, and it would
// act there as this visitor. So tabs tell each other what they show, and one that shows what is no longer there takes
// its frame away. No module, and in front of the frame: the frame waits for no answer, but enter.js does.
{
  const channel = new BroadcastChannel("frames");
  const PREFIX = "frame ";
  /** For tabs that are busy. */
  const LONGEST = 10_000;
  let release = () => {};

  const frame = () => document.querySelector("iframe.app");
  const shown = () => {
    const { origin, tag } = frame()?.dataset ?? {};
    return origin ? { origin, tag } : null;
  };
  const nameOf = ({ origin, tag }) => `${PREFIX}${origin} ${tag}`;

  // Held as long as the frame is there. A tab that is closed, or has crashed, holds none.
  const hold = (mine) =>
    navigator.locks?.request(nameOf(mine), { mode: "shared" }, () =>
      new Promise((resolve) => {
        release = resolve;
      }));

  channel.addEventListener("message", ({ data }) => {
    const mine = shown();
    if (!mine || data.origin !== mine.origin || data.tag === mine.tag) return;
    frame().remove();
    release();
    location.reload();
  });

  /** Resolves when no other tab shows another appspace of this origin; false where one does not let go. */
  globalThis.othersAreGone = async (mine) => {
    if (!navigator.locks) return true;
    for (const end = performance.now() + LONGEST; performance.now() < end;) {
      const { held } = await navigator.locks.query();
      const others = held.filter(({ name }) =>
        name.startsWith(`${PREFIX}${mine.origin} `) && name !== nameOf(mine)
      );
      if (others.length === 0) return true;
      channel.postMessage(mine);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return false;
  };

  new MutationObserver((_, observer) => {
    const mine = shown();
    if (!mine) return;
    observer.disconnect();
    channel.postMessage(mine);
    hold(mine);
    // What a tab keeps for itself is cleared by a page of the entrance, once.
    const key = nameOf({ ...mine, tag: "" });
    const before = sessionStorage.getItem(key);
    sessionStorage.setItem(key, mine.tag);
    if (before && before !== mine.tag && frame().src.includes("/.dropserver/enter?")) {
      frame().src += "&tab=other";
    }
  }).observe(document.currentScript.parentElement, { childList: true });

  // A page that comes back as it was may show what is no longer there, or was before a log-out.
  addEventListener("pageshow", ({ persisted }) => {
    if (persisted) location.reload();
  });
}
