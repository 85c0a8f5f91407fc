// Every page in a tab can read the length of the tab's history. So an app could add entries to send
// information to the page that the person opens next in this tab. To prevent this, this script
// fills the history up to the browser's maximum when the person leaves the page. It is not a module
// and comes before the frame, so that it runs before any app. It runs only in Chromium, because
// filling the history does not help in Firefox (decision 0011).
if (navigator.userAgentData && globalThis.navigation) {
  const MOST = 50;
  /**
   * The delay in milliseconds before this page is restored if the navigation did not replace it,
   * for example because the address was a download.
   */
  let pause = 1000;
  let left = false;
  /** Whether this page caused the navigation, by a link, a form or a reload. */
  let own = false;

  navigation.addEventListener("navigate", ({ destination }) => {
    own = !destination.sameDocument;
  });

  // A person who navigates back arrives at the last filler entry. Continue to the entry at which
  // the person left.
  const { place } = history.state ?? {};
  const back = place && place !== navigation.currentEntry.key &&
    navigation.entries().some(({ key }) => key === place);
  if (back) {
    stop();
    navigation.traverseTo(place).finished
      .catch(() => history.replaceState(null, ""))
      .then(() => location.reload());
  }

  // The first entry removes the forward history. If the history is full, the position of the
  // current entry is unknown. The number of entries below suffices at every position, and does not
  // evict the entry at which the person left.
  const fill = (state) => {
    history.pushState(state, "");
    const { length } = history;
    const missing = length < MOST ? MOST - length : MOST - 3;
    for (let i = 0; i < missing; i++) history.pushState(state, "");
  };

  // While another page is loading, browsers ignore navigations of this page without user
  // activation.
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
    // Keep the frame. Removing it often crashes Chromium 156 during a navigation to another page of
    // the shell.
    const state = { place: back ? place : navigation.currentEntry.key };
    fill(state);
    // Navigations that the app started earlier may complete only now.
    addEventListener("popstate", () => fill(state));
    setInterval(() => history.length < MOST && fill(state), 1);
    if (!own) setTimeout(comeBack, pause);
  });
}
