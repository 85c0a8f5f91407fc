import { deepEqual, equal, match, ok } from "node:assert/strict";
import { scale } from "./amounts.ts";
import { Cookbook } from "./cookbook.ts";
import type { Dropserver, DropserverUser } from "./dropserver.d.ts";
import { site } from "./site.ts";

const alice: DropserverUser = { id: "u1", name: "Alice", permissions: ["edit"] };
const reader: DropserverUser = { id: "u2", name: "Bob", permissions: [] };
const pancakes = {
  title: "Crêpes",
  servings: "4",
  minutes: "20",
  tags: "sweet, quick, sweet",
  ingredients: "250 g flour\r\n2-3 eggs\r\na pinch of salt",
  steps: "Stir.\r\nBake.",
};

class Kitchen implements Disposable {
  readonly folder = Deno.makeTempDirSync();
  #app = site(new Cookbook(this.folder));
  constructor(readonly user: DropserverUser | null = alice, readonly config = {}) {}

  async ask(path: string, form?: Record<string, string>): Promise<Response> {
    const appspace = { name: "recipes", url: "https://recipes.home.test" };
    const dropserver: Dropserver = {
      user: this.user,
      appspace,
      config: this.config,
      requestEgress: () => Promise.resolve({ state: "waiting", request: "7f3a2c91" }),
    };
    const body = form && new URLSearchParams(form);
    const request = new Request(appspace.url + path, { method: body ? "POST" : "GET", body });
    return await this.#app.fetch(request, dropserver);
  }

  async text(path: string): Promise<string> {
    return await (await this.ask(path)).text();
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.folder, { recursive: true });
  }
}

Deno.test("a recipe is added, read, changed and deleted by plain forms", async () => {
  using kitchen = new Kitchen();
  const added = await kitchen.ask("/new", pancakes);
  equal(added.status, 303);
  equal(added.headers.get("location"), "/recipes/crepes");
  match(await kitchen.text("/recipes/crepes"), /250 g flour[\s\S]*Bake\./);
  await kitchen.ask("/recipes/crepes", { ...pancakes, title: "Thin crêpes" });
  match(await kitchen.text("/"), /Thin crêpes/);
  equal((await kitchen.ask("/recipes/crepes/delete", {})).status, 303);
  deepEqual([...Deno.readDirSync(kitchen.folder)], []);
});

Deno.test("recipes outlive the process, and equal titles stay apart", async () => {
  using kitchen = new Kitchen();
  await kitchen.ask("/new", pancakes);
  await kitchen.ask("/new", pancakes);
  const ids = new Cookbook(kitchen.folder).recipes().map(({ id }) => id);
  deepEqual(ids.sort(), ["crepes", "crepes-2"]);
});

Deno.test("the page works out the amounts for other servings", async () => {
  using kitchen = new Kitchen();
  await kitchen.ask("/new", pancakes);
  match(await kitchen.text("/recipes/crepes?servings=8"), /500 g flour[\s\S]*4–6 eggs/);
  match(await kitchen.text("/recipes/crepes?servings=0"), /250 g flour/);
});

Deno.test("amounts are read and written as people do", () => {
  equal(scale("1/2 l milk", 2), "1 l milk");
  equal(scale("1 1/2 cups rice", 2), "3 cups rice");
  equal(scale("1½ lemons", 3), "4½ lemons");
  equal(scale("0,5 kg beans", 3), "1½ kg beans");
  equal(scale("3 eggs", 1 / 2), "1½ eggs");
  equal(scale("1 onion", 1 / 3), "⅓ onion");
  equal(scale("125 g butter", 1.5), "188 g butter");
  equal(scale("salt", 4), "salt");
});

Deno.test("search looks at names, tags and ingredients", async () => {
  using kitchen = new Kitchen();
  await kitchen.ask("/new", pancakes);
  for (const query of ["?q=crepes", "?q=FLOUR+egg", "?tag=quick", "?q=flour&tag=sweet"]) {
    match(await kitchen.text(`/${query}`), /href="\/recipes\/crepes"/, query);
  }
  match(await kitchen.text("/?q=beans"), /No recipe fits/);
});

Deno.test("what people write is shown, never run", async () => {
  using kitchen = new Kitchen();
  const evil = `"><script>alert(1)</script>`;
  await kitchen.ask("/new", {
    ...pancakes,
    title: evil,
    tags: evil,
    ingredients: evil,
    steps: evil,
  });
  const path = "/recipes/script-alert-1-script";
  for (const page of ["/", path, `${path}/edit`, `/?q=${encodeURIComponent(evil)}`]) {
    ok(!(await kitchen.text(page)).includes("<script>"), page);
  }
});

Deno.test("a reader can read and nothing else", async () => {
  for (const user of [reader, null]) {
    using kitchen = new Kitchen(user);
    new Cookbook(kitchen.folder);
    equal((await kitchen.ask("/")).status, 200);
    equal((await kitchen.ask("/new")).status, 404);
    equal((await kitchen.ask("/new", pancakes)).status, 403);
    equal((await kitchen.ask("/recipes/crepes/delete", {})).status, 403);
  }
});

Deno.test("guests edit where the appspace's config says so", async () => {
  using kitchen = new Kitchen(null, { GUESTS: "edit" });
  equal((await kitchen.ask("/new", pancakes)).status, 303);
});

Deno.test("an incomplete recipe is refused", async () => {
  using kitchen = new Kitchen();
  for (
    const wrong of [{ title: " " }, { servings: "0" }, { minutes: "x" }, { ingredients: "\n" }]
  ) {
    equal((await kitchen.ask("/new", { ...pancakes, ...wrong })).status, 400);
  }
});
