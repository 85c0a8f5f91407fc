// When a host is assigned to another appspace, the earlier app would continue to run in other tabs,
// and could act there as this visitor. Therefore tabs tell each other which appspace they show, and
// a tab that shows the earlier one removes its frame. This script is not a module and comes before
// the frame. The frame does not wait for the other tabs, but enter.js does.
{
  const channel = new BroadcastChannel("frames");
  const PREFIX = "frame ";
  /** How long to wait for busy tabs, in milliseconds. */
  const LONGEST = 10_000;
  let release = () => {};

  const frame = () => document.querySelector("iframe.app");
  const shown = () => {
    const { origin, tag } = frame()?.dataset ?? {};
    return origin ? { origin, tag } : null;
  };
  const nameOf = ({ origin, tag }) => `${PREFIX}${origin} ${tag}`;

  // The lock is held as long as the frame exists. The browser releases it when the tab is closed or
  // crashes.
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

  /**
   * Resolves to true when no other tab shows another appspace of this origin, or to false when a
   * tab does not release it in time.
   */
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
    // A page of the entrance clears the session storage of the tab, once.
    const key = nameOf({ ...mine, tag: "" });
    const before = sessionStorage.getItem(key);
    sessionStorage.setItem(key, mine.tag);
    if (before && before !== mine.tag && frame().src.includes("/.dropserver/enter?")) {
      frame().src += "&tab=other";
    }
  }).observe(document.currentScript.parentElement, { childList: true });

  // A page from the back-forward cache may show an appspace that was replaced, or a state from
  // before a log-out.
  addEventListener("pageshow", ({ persisted }) => {
    if (persisted) location.reload();
  });
}
