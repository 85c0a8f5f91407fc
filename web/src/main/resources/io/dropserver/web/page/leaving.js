// A tab has one history for all of its pages, and each page can read how many entries it has. What an app adds to it
// could be counted by the page that a person opens next in that tab. So who leaves fills the history: what comes then
// counts as many entries as browsers keep. No module, and in front of the frame: no app is here before it.
// Only in Chromium: Firefox forgets entries of a frame that is gone, and its next page counts the rest.
if (navigator.userAgentData && globalThis.navigation) {
  const MOST = 50;
  /** Until a page that is still here comes back: the address led to a download, say. */
  let pause = 1000;
  let left = false;
  /** Whether this page itself leads on: by a link, a form, or to load itself again. */
  let own = false;

  navigation.addEventListener("navigate", ({ destination }) => {
    own = !destination.sameDocument;
  });

  // Who comes back arrives at the last of the entries that filled. They are led on to the one where they were.
  const { place } = history.state ?? {};
  const back = place && place !== navigation.currentEntry.key &&
    navigation.entries().some(({ key }) => key === place);
  if (back) {
    stop();
    navigation.traverseTo(place).finished
      .catch(() => history.replaceState(null, ""))
      .then(() => location.reload());
  }

  // The first takes away what lies ahead. A full tab does not say where in it one is: what is put into it then is enough
  // from everywhere, and leaves the entry where the person was.
  const fill = (state) => {
    history.pushState(state, "");
    const { length } = history;
    const missing = length < MOST ? MOST - length : MOST - 3;
    for (let i = 0; i < missing; i++) history.pushState(state, "");
  };

  // While another page is on its way there, browsers do not follow what no person asked for here.
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
    // The frame stays: Chromium 156 often crashes on the way to another page of ours when it vanishes.
    const state = { place: back ? place : navigation.currentEntry.key };
    fill(state);
    // What the app began beforehand may come through only now.
    addEventListener("popstate", () => fill(state));
    setInterval(() => history.length < MOST && fill(state), 1);
    if (!own) setTimeout(comeBack, pause);
  });
}
