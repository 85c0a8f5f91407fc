// Stands in every document that the shell shows in its frame. Tells the shell where the document is and what it is
// called, and asks it to open what leads elsewhere. To the shell all of that is text of an app.
(() => {
  const script = document.currentScript;
  const shell = script.dataset.shell;
  script.remove();
  if (parent === self || parent !== top) return;

  // The shell fills the history before a question could be answered (page/leaving.js), and nobody would know the answer.
  if (navigator.userAgentData && name !== "asking") {
    const still = (event) => event.stopImmediatePropagation();
    addEventListener("beforeunload", still, { capture: true });
  }

  const say = (message) =>
    parent.postMessage({ dropserver: 1, ...message }, shell);

  const where = () => location.pathname + location.search + location.hash;
  const tell = () => say({ path: where(), title: document.title });

  globalThis.navigation?.addEventListener("currententrychange", tell);
  addEventListener("popstate", tell);
  addEventListener("hashchange", tell);
  addEventListener("pageshow", tell);
  addEventListener("message", (event) => {
    if (event.source === parent && event.origin === shell) tell();
  });
  document.addEventListener("DOMContentLoaded", () => {
    tell();
    const changes = { childList: true, characterData: true, subtree: true };
    new MutationObserver(tell).observe(document.head, changes);
  });

  // An app can stop an event and replace what its prototypes hold. Thus this listener is the first one, and takes what it
  // needs before the app does anything. Chromium downloads what a link or a form leads to when Alt is held, and Firefox
  // opens what is clicked with the middle button: neither asks the policies or the sandbox. The browser does neither.
  const { apply, defineProperty } = Reflect;
  const { preventDefault } = Event.prototype;
  const reader = ({ prototype }, name) => {
    const { get } = Object.getOwnPropertyDescriptor(prototype, name);
    return (event) => apply(get, event, []);
  };
  const altClick = reader(MouseEvent, "altKey");
  const altDown = reader(KeyboardEvent, "altKey");
  const key = reader(KeyboardEvent, "key");

  const aside = (event) =>
    event.button === 1 || event.altKey || event.ctrlKey || event.metaKey ||
    event.shiftKey;
  const linkOf = (event) =>
    event.composedPath().find((each) =>
      each.matches?.("a[*|href], area[href]")
    );
  /** The app still sees an event that is not prevented, until the app prevents it itself. */
  const hold = (event) => {
    apply(preventDefault, event, []);
    let prevented = false;
    const prevent = () => {
      prevented = true;
    };
    defineProperty(event, "preventDefault", { value: prevent });
    defineProperty(event, "defaultPrevented", { get: () => prevented });
  };
  const holdClick = (event) => {
    if (!event.cancelable) return;
    if (altClick(event) || (aside(event) && linkOf(event))) hold(event);
  };
  addEventListener("click", holdClick, { capture: true });
  addEventListener("auxclick", holdClick, { capture: true });
  addEventListener("keydown", (event) => {
    if (altDown(event) && key(event) === "Enter") hold(event);
  }, { capture: true });

  // In the bubbling phase: what the app does with a click of its own is done by then.
  const follow = (event) => {
    const link = linkOf(event);
    if (!link || event.defaultPrevented) return;
    let url;
    try {
      url = new URL(link.href.baseVal ?? link.href, document.baseURI);
    } catch {
      return;
    }
    const own = url.origin === location.origin;
    const target = link.target.baseVal ?? link.target;
    const held = aside(event);
    const inPlace = !held && target !== "_blank";
    if (own && (inPlace || (!held && link.hasAttribute("download")))) {
      if (target === "_top" || target === "_parent") {
        event.preventDefault();
        location.assign(url);
      }
    } else if (own || /^(https?|mailto|tel):$/.test(url.protocol)) {
      event.preventDefault();
      say({ open: url.href });
    }
  };
  addEventListener("click", follow);
  addEventListener("auxclick", (event) => event.button === 1 && follow(event));

  const open = globalThis.open;
  globalThis.open = (url = "", target = "_blank", ...rest) => {
    if (target === "_self") return open(url, target, ...rest);
    say({ open: new URL(url, document.baseURI).href });
    return null;
  };
})();
