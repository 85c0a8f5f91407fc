import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { Dropserver, DropserverUser } from "./dropserver.d.ts";
import { Journal } from "./journal.ts";
import { site } from "./site.ts";

const alice: DropserverUser = { id: "u1", name: "Alice", permissions: ["write"] };
const reader: DropserverUser = { id: "u2", name: "Bob", permissions: [] };
const walk = { day: "2026-11-25", title: "A walk", text: "Fog on the río.\n\nThen tea & cake." };

const requestEgress = () => Promise.resolve({ state: "waiting" as const, request: "7f3a2c91" });

/** The app on a journal of its own, asked by one person. */
function open(user: DropserverUser | null = alice, config: Dropserver["config"] = {}) {
  const journal = new Journal(":memory:");
  const appspace = { name: "journal", url: "https://journal.home.test" };
  const handle = site(journal);
  const ask = (path: string, form?: Record<string, string>) => {
    const body = form && new URLSearchParams(form);
    const request = new Request(appspace.url + path, { method: body ? "POST" : "GET", body });
    return handle(request, { user, appspace, config, requestEgress });
  };
  const text = async (path: string) => await (await ask(path)).text();
  return { journal, ask, text };
}

Deno.test("an entry is written, read, changed and deleted by plain forms", async () => {
  const { ask, text, journal } = open();
  const written = await ask("/entries", walk);
  equal(written.status, 303);
  equal(written.headers.get("location"), "/entries/1");
  match(await text("/entries/1"), /Wednesday,? 25 November 2026[\s\S]*Fog on the río\./);
  await ask("/entries/1", { ...walk, title: "A long walk" });
  match(await text("/"), /A long walk/);
  equal((await ask("/entries/1/delete", {})).headers.get("location"), "/");
  deepEqual(journal.entries(), []);
});

Deno.test("what people write is shown, never run", async () => {
  const { ask, text } = open();
  await ask("/entries", { ...walk, title: `<img src=x onerror="alert(1)">` });
  for (const path of ["/", "/entries/1", "/entries/1/edit"]) {
    const page = await text(path);
    ok(!page.includes("<img src=x") && !page.includes("><script>"), path);
  }
});

Deno.test("a reader can read and nothing else", async () => {
  for (const { ask, text, journal } of [open(reader), open(null)]) {
    journal.add(walk);
    match(await text("/entries/1"), /A walk/);
    ok(!(await text("/")).includes("<textarea"));
    equal((await ask("/entries/1/edit")).status, 404);
    for (const path of ["/entries", "/entries/1", "/entries/1/delete"]) {
      equal((await ask(path, walk)).status, 403, path);
    }
    equal(journal.entries().length, 1);
  }
});

Deno.test("guests write where the appspace's config says so", async () => {
  equal((await open(null, { GUESTS: "write" }).ask("/entries", walk)).status, 303);
});

Deno.test("an entry without a text or with a day that is none is refused", async () => {
  const { ask, journal } = open();
  equal((await ask("/entries", { ...walk, text: " " })).status, 400);
  equal((await ask("/entries", { ...walk, day: "2026-13-01" })).status, 400);
  equal((await ask("/entries/9", walk)).status, 404);
  deepEqual(journal.entries(), []);
});
