// A tab has one history for all its pages, and each page can read its length. Entries that an app
// adds could therefore be counted by the page that the person opens next in the tab. To prevent
// this, leaving this page fills the history up to the maximum of browsers, so that the length
// reveals nothing. This script is not a module and comes before the frame, so that it runs before
// any app. It runs only in Chromium, because Firefox removes the entries of a frame that is gone,
// and its next page counts the remaining ones.
if (navigator.userAgentData && globalThis.navigation) {
  const MOST = 50;
  /**
   * The time after which a page that is still here is restored, for example because the address led
   * to a download.
   */
  let pause = 1000;
  let left = false;
  /** Whether this page itself caused the navigation: by a link, a form or a reload. */
  let own = false;

  navigation.addEventListener("navigate", ({ destination }) => {
    own = !destination.sameDocument;
  });

  // A person who navigates back arrives at the last filler entry. Continue to the entry where the
  // person was.
  const { place } = history.state ?? {};
  const back = place && place !== navigation.currentEntry.key &&
    navigation.entries().some(({ key }) => key === place);
  if (back) {
    stop();
    navigation.traverseTo(place).finished
      .catch(() => history.replaceState(null, ""))
      .then(() => location.reload());
  }

  // The first entry removes the forward history. In a full history the position of the current
  // entry is unknown. The number of entries below is enough for every position, and keeps the entry
  // where the person was.
  const fill = (state) => {
    history.pushState(state, "");
    const { length } = history;
    const missing = length < MOST ? MOST - length : MOST - 3;
    for (let i = 0; i < missing; i++) history.pushState(state, "");
  };

  // While another page is loading, browsers ignore navigations here that have no user activation.
  const comeBack = () => {
    if (!navigator.userActivation.isActive) {
      location.reload();
      pause *= 2;
    }
    setTimeout(comeBack, pause);
  };

  addEventListener("beforeunload", () => {
    if (left) return;
    if (back && own) {
      own = false;
      return;
    }
    left = true;
    // Keep the frame: removing it often crashes Chromium 156 on the way to another page of the
    // shell.
    const state = { place: back ? place : navigation.currentEntry.key };
    fill(state);
    // Navigations that the app started earlier may complete only now.
    addEventListener("popstate", () => fill(state));
    setInterval(() => history.length < MOST && fill(state), 1);
    if (!own) setTimeout(comeBack, pause);
  });
}
