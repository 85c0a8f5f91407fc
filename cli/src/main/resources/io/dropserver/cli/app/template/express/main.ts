import express from "express";
import type { Request, Response } from "express";
import { fileURLToPath } from "node:url";
import { add, read } from "./notes.ts";

const app = express();
app.use(express.urlencoded({ extended: false }));

// Only the host can set these headers. The name is percent-encoded UTF-8.
function name(request: Request): string {
  return decodeURIComponent(request.get("Dropserver-User-Name") ?? "a guest");
}

app.get("/", (request: Request, response: Response) => {
  const notes = read().map((note) =>
    `<li>${escape(note.text)} <small>${escape(note.author)}</small></li>`
  );
  response.send(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>@NAME@</title>
<link rel="stylesheet" href="/style.css">
<h1>@NAME@</h1>
<p>Hello ${escape(name(request))}</p>
<form method="post" action="/">
<input name="text" aria-label="Note" maxlength="1000" required> <button>Add</button>
</form>
<ul>${notes.join("\n")}</ul>
</html>
`);
});

app.post("/", (request: Request, response: Response) => {
  add(name(request), String(request.body.text ?? ""));
  response.redirect(303, "/");
});

app.get("/style.css", (_request: Request, response: Response) => {
  response.sendFile(fileURLToPath(new URL("style.css", import.meta.url)));
});

function escape(text: string): string {
  return text.replace(
    /[&<>"']/g,
    (character) => `&#${character.charCodeAt(0)};`,
  );
}

app.listen(8080);
