// Runs in every document that the shell shows in its frame. Reports the document's address and
// title to the shell, and asks the shell to open links to other sites and in other tabs. For the
// shell, all of this is untrusted text from an app.
(() => {
  const script = document.currentScript;
  const shell = script.dataset.shell;
  script.remove();
  if (parent === self || parent !== top) return;

  // Suppresses the app's beforeunload dialogs in Chromium, unless the whitelist allows them. The
  // shell fills the history before the person answers the dialog (page/leaving.js), and does not
  // get the answer.
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

  // While Alt is pressed, Chromium downloads the target of a link or form, and Firefox opens
  // middle-clicked links. Both bypass the policies and the sandbox, so these listeners prevent
  // them. An app can stop events and replace the properties of prototypes. Therefore the listeners
  // are registered, and the getters saved, before the app runs.
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
  /**
   * Prevents the default action. For the app, the event looks as if only the app could prevent it.
   */
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

  // Runs in the bubbling phase, after the app has handled the click.
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
