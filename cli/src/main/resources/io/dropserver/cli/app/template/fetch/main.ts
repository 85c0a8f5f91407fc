import type { DropserverApp } from "./dropserver.d.ts";
import { add, read } from "./notes.ts";

const STYLE = Deno.readTextFileSync(new URL("style.css", import.meta.url));

export default {
  async fetch(request, dropserver) {
    const name = dropserver.user?.name ?? "a guest";
    switch (`${request.method} ${new URL(request.url).pathname}`) {
      case "GET /":
        return html(page(name));
      case "POST /": {
        const form = await request.formData();
        add(name, String(form.get("text") ?? ""));
        return new Response(null, { status: 303, headers: { location: "/" } });
      }
      case "GET /style.css":
        return new Response(STYLE, { headers: { "content-type": "text/css" } });
      default:
        return new Response("not found\n", { status: 404 });
    }
  },
} satisfies DropserverApp;

function page(name: string): string {
  const notes = read().map((note) =>
    `<li>${escape(note.text)} <small>${escape(note.author)}</small></li>`
  );
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>@NAME@</title>
<link rel="stylesheet" href="/style.css">
<h1>@NAME@</h1>
<p>Hello ${escape(name)}</p>
<form method="post" action="/">
<input name="text" aria-label="Note" maxlength="1000" required> <button>Add</button>
</form>
<ul>${notes.join("\n")}</ul>
</html>
`;
}

function html(text: string): Response {
  return new Response(text, {
    headers: { "content-type": "text/html; charset=utf-8" },
  });
}

function escape(text: string): string {
  return text.replace(
    /[&<>"']/g,
    (character) => `&#${character.charCodeAt(0)};`,
  );
}
