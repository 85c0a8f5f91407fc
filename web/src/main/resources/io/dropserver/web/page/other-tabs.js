// When a host is assigned to another appspace, the earlier app continues to run in open tabs, and
// could use this visitor's session. Therefore each tab announces which appspace it shows, and a tab
// that shows an earlier appspace of the same host removes its frame. This script is not a module
// and comes before the frame. The frame does not wait for the other tabs, but enter.js does.
{
  const channel = new BroadcastChannel("frames");
  const PREFIX = "frame ";
  /** How long to wait until other tabs have removed their frames, in milliseconds. */
  const LONGEST = 10_000;
  /**
   * The time in which a browser ends the process of a removed frame, in milliseconds. Clear-Site-
   * Data does not clear the scripts that Chromium caches in the memory of this process. Chromium's
   * time limit for `unload` handlers is shorter.
   */
  const PROCESS_END = 2000;
  let release = () => {};
  /**
   * Resolves to whether another tab showed another appspace of the origin when this page was
   * loaded.
   */
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

  /** Empties the frame, waits until the process of the earlier app has ended, and loads `url`. */
  const restart = async (url) => {
    const page = frame().contentWindow;
    page.location.replace("about:blank");
    await new Promise((resolve) => setTimeout(resolve, PROCESS_END));
    page.location.replace(url);
  };

  /**
   * Makes tabs that show another appspace of this origin remove their frames. Resolves to "alone"
   * if there was no such tab, to "restarted" if all have removed their frames and this frame was
   * reloaded, and to "held" if a tab has not removed its frame in time.
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
    // If this tab showed another appspace of the origin, the entrance clears the tab's session
    // storage.
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

  // A page from the back-forward cache may show an appspace that no longer has the host, or a state
  // from before a log-out.
  addEventListener("pageshow", ({ persisted }) => {
    if (persisted) location.reload();
  });
}
