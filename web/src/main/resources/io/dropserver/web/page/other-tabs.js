// When a host is assigned to another appspace, the earlier app would continue to run in other tabs,
// and could act there as this visitor. Therefore tabs tell each other which appspace they show, and
// a tab that shows the earlier one removes its frame. This script is not a module and comes before
// the frame. The frame does not wait for the other tabs, but enter.js does.
{
  const channel = new BroadcastChannel("frames");
  const PREFIX = "frame ";
  /** How long to wait for busy tabs, in milliseconds. */
  const LONGEST = 10_000;
  /**
   * How long a browser may take to end the process of a removed frame, in milliseconds.
   * Clear-Site-Data does not clear the scripts that Chromium keeps in the memory of such a process.
   * Chromium waits for handlers of `unload` for less than this.
   */
  const PROCESS_END = 2000;
  let release = () => {};
  /** Whether another tab showed another appspace of the origin when this page was loaded. */
  let foundOthers = Promise.resolve(false);

  const frame = () => document.querySelector("iframe.app");
  const shown = () => {
    const { origin, tag } = frame()?.dataset ?? {};
    return origin ? { origin, tag } : null;
  };
  const nameOf = ({ origin, tag }) => `${PREFIX}${origin} ${tag}`;

  // The lock is held as long as the frame exists. The browser releases it when the tab is closed or
  // crashes.
  const hold = (mine) =>
    navigator.locks?.request(
      nameOf(mine),
      { mode: "shared" },
      () =>
        new Promise((resolve) => {
          release = resolve;
        }),
    );

  channel.addEventListener("message", ({ data }) => {
    const mine = shown();
    if (!mine || data.origin !== mine.origin || data.tag === mine.tag) return;
    frame().remove();
    release();
    location.reload();
  });

  const hasOthers = async (mine) => {
    const held = (await navigator.locks?.query())?.held ?? [];
    return held.some(({ name }) =>
      name.startsWith(`${PREFIX}${mine.origin} `) && name !== nameOf(mine)
    );
  };

  /** Loads `url` in the frame, after the process of the earlier app has ended. */
  const restart = async (url) => {
    const page = frame().contentWindow;
    page.location.replace("about:blank");
    await new Promise((resolve) => setTimeout(resolve, PROCESS_END));
    page.location.replace(url);
  };

  /**
   * Resolves to "alone" when no other tab shows another appspace of this origin. If another tab
   * did, resolves to "restarted" when it has removed its frame and this frame starts again, or to
   * "held" when that tab does not remove its frame in time.
   */
  globalThis.removeOthers = async (mine) => {
    let found = await foundOthers;
    foundOthers = Promise.resolve(false);
    for (const end = performance.now() + LONGEST; performance.now() < end;) {
      if (!await hasOthers(mine)) {
        if (!found) return "alone";
        await restart(frame().src);
        return "restarted";
      }
      found = true;
      channel.postMessage(mine);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return "held";
  };

  new MutationObserver((_, observer) => {
    const mine = shown();
    if (!mine) return;
    observer.disconnect();
    foundOthers = hasOthers(mine);
    foundOthers.then(() => channel.postMessage(mine));
    hold(mine);
    // A page of the entrance clears the session storage of the tab, once.
    const key = nameOf({ ...mine, tag: "" });
    const before = sessionStorage.getItem(key);
    sessionStorage.setItem(key, mine.tag);
    if (
      before && before !== mine.tag &&
      frame().src.includes("/.dropserver/enter?")
    ) {
      restart(frame().src + "&tab=other");
    }
  }).observe(document.currentScript.parentElement, { childList: true });

  // A page from the back-forward cache may show an appspace that was replaced, or a state from
  // before a log-out.
  addEventListener("pageshow", ({ persisted }) => {
    if (persisted) location.reload();
  });
}
