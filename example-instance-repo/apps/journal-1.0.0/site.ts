import type { Dropserver } from "./dropserver.d.ts";
import type { Html } from "./html.ts";
import type { Entry, Journal } from "./journal.ts";
import { editPage, entryPage, homePage, messagePage } from "./pages.ts";
import { Weather } from "./weather.ts";
import icon from "./icon.svg" with { type: "text" };
import script from "./script.js" with { type: "text" };
import style from "./style.css" with { type: "text" };

type Handler = (request: Request, dropserver: Dropserver) => Promise<Response>;

/** Pages name these files with the app's version, so browsers may keep them. */
const files: Record<string, [type: string, content: string]> = {
  "/icon.svg": ["image/svg+xml", icon],
  "/script.js": ["text/javascript; charset=utf-8", script],
  "/style.css": ["text/css; charset=utf-8", style],
};

export function site(journal: Journal): Handler {
  const weather = new Weather();
  return async (request, dropserver) => {
    const { pathname } = new URL(request.url);
    const file = files[pathname];
    if (file) return answerFile(...file);

    const mayWrite = allowsWriting(dropserver);
    const [, id, action] = /^\/entries\/(\d{1,15})(?:\/(edit|delete))?$/.exec(pathname) ?? [];
    const entry = id === undefined ? undefined : journal.entry(Number(id));

    if (request.method === "GET" || request.method === "HEAD") {
      if (pathname === "/") {
        const today = new Date().toISOString().slice(0, 10);
        const outside = await weather.line(dropserver);
        const entries = journal.entries();
        return answer(homePage({ entries, mayWrite, today, weather: outside }));
      }
      if (entry && action === undefined) return answer(entryPage(entry, mayWrite));
      if (entry && action === "edit" && mayWrite) return answer(editPage(entry));
      return answer(messagePage("Not found", "This page does not exist."), 404);
    }

    if (request.method !== "POST") return new Response(null, { status: 405 });
    if (!mayWrite) {
      return answer(messagePage("Not allowed", "You may read here, but not write."), 403);
    }
    if (entry && action === "delete") {
      journal.remove(entry.id);
      return seeOther("/");
    }
    const written = await readEntry(request);
    if (!written) return answer(messagePage("Not saved", "An entry needs a day and a text."), 400);
    if (entry && action === undefined) {
      journal.change({ id: entry.id, ...written });
      return seeOther(`/entries/${entry.id}`);
    }
    if (pathname === "/entries") return seeOther(`/entries/${journal.add(written)}`);
    return answer(messagePage("Not found", "There is no such entry."), 404);
  };
}

/** Someone without an account has what the appspace's config says in GUESTS, by default nothing. */
function allowsWriting({ user, config }: Dropserver): boolean {
  return user === null ? config.GUESTS === "write" : user.permissions.includes("write");
}

async function readEntry(request: Request): Promise<Omit<Entry, "id"> | undefined> {
  const form = await request.formData();
  const field = (name: string) => String(form.get(name) ?? "").replaceAll("\r\n", "\n").trim();
  const [day, title, text] = [field("day"), field("title"), field("text")];
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(day) && !Number.isNaN(Date.parse(day));
  return isDay && text !== "" ? { day, title, text } : undefined;
}

function answer(page: Html, status = 200): Response {
  const headers = { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" };
  return new Response(page.text, { status, headers });
}

function answerFile(type: string, content: string): Response {
  const headers = { "content-type": type, "cache-control": "private, max-age=31536000, immutable" };
  return new Response(content, { headers });
}

function seeOther(location: string): Response {
  return new Response(null, { status: 303, headers: { location } });
}
