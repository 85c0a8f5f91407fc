import type { DropserverApp } from "./dropserver.d.ts";

// The working folder is /data, the only place where an app can keep something.
const counter = "visits.txt";

async function nextVisit(): Promise<number> {
  const before = await Deno.readTextFile(counter).catch(() => "0");
  const visit = Number(before) + 1;
  await Deno.writeTextFile(counter, String(visit));
  return visit;
}

export default {
  async fetch(_request: Request): Promise<Response> {
    const visit = await nextVisit();
    return new Response(`<!doctype html><meta charset="utf-8"><title>Hello</title><h1>Hello</h1><p>Visit ${visit}.</p>`, {
      headers: { "content-type": "text/html; charset=utf-8" },
    });
  },
} satisfies DropserverApp;
