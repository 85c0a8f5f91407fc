import type { DropserverApp } from "./dropserver.d.ts";
import { add, read } from "./notes.ts";

const TYPES: Record<string, string> = {
  html: "text/html; charset=utf-8",
  css: "text/css",
  js: "text/javascript",
};

/** The files of public/, by path. They are read once, so no request can name another file. */
const FILES = new Map<string, string>();
const PUBLIC = new URL("public/", import.meta.url);
for (const entry of Deno.readDirSync(PUBLIC)) {
  FILES.set(
    "/" + entry.name,
    Deno.readTextFileSync(new URL(entry.name, PUBLIC)),
  );
}

export default {
  async fetch(request, dropserver) {
    const name = dropserver.user?.name ?? "a guest";
    const path = new URL(request.url).pathname;
    if (path === "/api/notes") {
      if (request.method === "POST") {
        const note = await request.json();
        add(name, String(note.text ?? ""));
      }
      return Response.json({ name, notes: read() });
    }
    const file = path === "/" ? "/index.html" : path;
    const content = FILES.get(file);
    if (content === undefined) {
      return new Response("not found\n", { status: 404 });
    }
    const type = TYPES[file.slice(file.lastIndexOf(".") + 1)] ??
      "text/plain; charset=utf-8";
    return new Response(content, { headers: { "content-type": type } });
  },
} satisfies DropserverApp;
