package io.dropserver.tests.browser;

import io.dropserver.tests.endtoend.LiveInstance;
import io.dropserver.tests.endtoend.PagesInstance;
import java.io.IOException;
import java.nio.file.Path;

/**
 * An instance with one app, {@code pages}, whose pages do what pages in a frame usually do, and
 * what hostile pages could try.
 */
final class FramedApp {
  private static final String MAIN =
      """
      const script = `
        const on = (id, act) => document.getElementById(id)?.addEventListener("click", act);
        const hash = () => { document.getElementById("fragment").textContent = location.hash; };
        hash();
        document.getElementById("fragment").dataset.atLoad = location.hash;
        addEventListener("hashchange", hash);
        // A press before this script has run would be lost.
        document.querySelectorAll("button[disabled]").forEach((each) => each.disabled = false);
        on("push", () => { history.pushState(null, "", "/pushed"); document.title = "Pushed"; });
        on("away", () => { location = "http://elsewhere.localhost:1/"; });
        on("say", () => {
          const say = (it) => parent.postMessage({ dropserver: 1, ...it }, "*");
          say({ open: "javascript:alert(1)" });
          say({ open: "data:text/html,x" });
          say({ open: "nonsense" });
          say({ path: "@evil.example/" });
          say({ path: "//evil.example/" , title: 3 });
          say({ path: "/../../dashboard" });
          say({ title: "<img src=x> a\\u202e\\\\n b" });
        });
        const clipboard = async (at) => {
          const field = document.getElementById("field");
          const tried = async (act) => {
            try {
              field.select();
              return await act();
            } catch (error) {
              return error.name;
            }
          };
          const command = (name) => () => document.execCommand(name);
          field.dataset[at] = [
            await tried(command("copy")),
            await tried(command("cut")),
            await tried(command("paste")),
            await tried(() => navigator.clipboard.writeText("by the interface")),
            await tried(() => navigator.clipboard.readText()),
          ];
        };
        if (document.getElementById("field")) clipboard("atLoad").then(() => fetch("/checked"));
        on("copy", () => clipboard("atPress"));
      `;
      const html = (title: string, body: string, headers = {}) =>
        new Response(
          `<!doctype html><html lang="en"><head><title>${title}</title>
          <script type="module" src="/script.js"></script></head>
          <body><h1>${title}</h1><p id="fragment"></p>${body}</body></html>`,
          { headers: { "content-type": "text/html; charset=utf-8", ...headers } },
        );
      const one = `
        <p><a href="/two">To two</a></p>
        <p><a href="/two" target="_blank">Two in a new tab</a></p>
        <p><a href="http://elsewhere.localhost:1/deep/path?secret=1#part">Elsewhere</a></p>
        <p><a href="https://\\u0430pple.com/">Look-alike</a></p>
        <p><a href="https://bank.example@evil.example/" target="_blank">With a name before</a></p>
        <p><a href="/file" download="file.txt">A file</a></p>
        <p><a href="/attached">An attachment</a></p>
        <form method="post" action="/sent"><button>Send</button></form>`;
      const two = `<button id="push" disabled>Push a state</button><button id="away" disabled>Run away</button>`;

      function answer(request: Request): Response {
        switch (new URL(request.url).pathname) {
          case "/":
            return html("One", one);
          case "/two":
          case "/pushed":
            return html("Two", two);
          case "/hostile":
            return html("Hostile", `<button id="say" disabled>Say it</button>`);
          case "/clipboard":
            return html("Clipboard", `<input id="field" value="by the app"><button id="copy" disabled>Copy</button>`);
          case "/kept":
            return html("Kept", "", { "cache-control": "max-age=600" });
          case "/sent":
            return html("Sent", `Sent: ${request.method}`);
          case "/script.js":
            return new Response(script, { headers: { "content-type": "text/javascript" } });
          case "/file":
            return new Response("a file");
          case "/attached":
            return new Response("attached", {
              headers: { "content-disposition": "attachment; filename=attached.txt" },
            });
          default:
            return new Response("none", { status: 404 });
        }
      }

      export default { fetch: answer };
      """;

  private FramedApp() {}

  static LiveInstance create(Path folder) throws IOException {
    return PagesInstance.create(folder, MAIN);
  }
}
