import { Hono } from "hono";
import { html } from "hono/html";
import type { Dropserver, DropserverApp } from "./dropserver.d.ts";
import { add, read } from "./notes.ts";

const STYLE = Deno.readTextFileSync(new URL("style.css", import.meta.url));

const app = new Hono<{ Bindings: Dropserver }>();

function name(dropserver: Dropserver): string {
  return dropserver.user?.name ?? "a guest";
}

app.get("/", (context) =>
  context.html(html`
    <!doctype html>
    <html lang="en">
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width">
      <title>@NAME@</title>
      <link rel="stylesheet" href="/style.css">
      <h1>@NAME@</h1>
      <p>Hello ${name(context.env)}</p>
      <form method="post" action="/">
    <input name="text" aria-label="Note" maxlength="1000" required> <button>Add</button>
      </form>
      <ul>${read().map((note) =>
        html`<li>${note.text} <small>${note.author}</small></li>`
      )}</ul>
    </html>
  `));

app.post("/", async (context) => {
  const form = await context.req.formData();
  add(name(context.env), String(form.get("text") ?? ""));
  return context.redirect("/", 303);
});

app.get(
  "/style.css",
  (context) => context.body(STYLE, 200, { "content-type": "text/css" }),
);

export default {
  fetch: (request, dropserver) => app.fetch(request, dropserver),
} satisfies DropserverApp;
