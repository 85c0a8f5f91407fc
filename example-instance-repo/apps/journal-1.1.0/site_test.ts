import { deepEqual, equal, match, ok } from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
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
  for (const path of ["/", "/entries/1", "/entries/1/edit", "/?q=%22%3E%3Cscript%3E"]) {
    const page = await text(path);
    ok(!page.includes("<img src=x") && !page.includes("><script>"), path);
  }
});

Deno.test("search finds beginnings of words, without accents, in any order", () => {
  const { journal } = open();
  journal.add(walk);
  journal.add({ ...walk, title: "Home", text: "Rain." });
  const titles = (words: string) => journal.search(words).map(({ title }) => title);
  deepEqual(titles("cake rio"), ["A walk"]);
  deepEqual(titles("RAI"), ["Home"]);
  deepEqual(titles("rain fog"), []);
  deepEqual(titles(`" OR NEAR( *`), []);
  deepEqual(titles("  "), ["Home", "A walk"]);
});

Deno.test("search follows changes and deletions", () => {
  const { journal } = open();
  const id = journal.add(walk);
  journal.change({ id, ...walk, text: "Sun." });
  equal(journal.search("fog").length, 0);
  equal(journal.search("sun").length, 1);
  journal.remove(id);
  equal(journal.search("sun").length, 0);
});

Deno.test("a journal that 1.0.0 has written is searchable after the upgrade", async () => {
  const file = await Deno.makeTempFile();
  using old = new DatabaseSync(file);
  old.exec(`
    CREATE TABLE entry (
      id INTEGER PRIMARY KEY, day TEXT NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL) STRICT;
    CREATE INDEX entry_day ON entry (day);
    INSERT INTO entry VALUES (7, '2026-01-01', 'Old', 'Written long ago');
    PRAGMA user_version = 1`);
  using journal = new Journal(file);
  deepEqual(journal.search("long").map(({ id }) => id), [7]);
  await Deno.remove(file);
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
