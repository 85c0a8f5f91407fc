import { deepEqual, equal, match, ok } from "node:assert/strict";
import { List } from "./list.ts";
import { Site } from "./site.ts";

const alice = {
  "dropserver-user-id": "u1",
  "dropserver-user-name": "Zo%C3%AB",
  "dropserver-permissions": "view, edit",
};
const reader = { "dropserver-user-id": "u2", "dropserver-user-name": "Bob" };

class Household implements Disposable {
  readonly folder = Deno.makeTempDirSync();
  readonly file = `${this.folder}/list.json`;
  readonly site: Site;

  constructor(guestsMayEdit = false) {
    this.site = new Site(new List(this.file), guestsMayEdit);
  }

  post(path: string, form: Record<string, string>, headers: HeadersInit = alice) {
    const body = new URLSearchParams(form);
    return this.site.answer(
      new Request(`https://x.test${path}`, { method: "POST", body, headers }),
    );
  }

  async page(headers: HeadersInit = alice): Promise<string> {
    return await (await this.site.answer(new Request("https://x.test/", { headers }))).text();
  }

  saved(): string[] {
    return new List(this.file).things().map(({ name, ticked }) => `${name}${ticked ? " ✓" : ""}`);
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.folder, { recursive: true });
  }
}

Deno.test("things are added, ticked, removed and cleared by plain forms, and outlive the process", async () => {
  using home = new Household();
  for (const name of ["Milk", "Bread", " Green   tea "]) {
    equal((await home.post("/add", { name })).status, 303);
  }
  deepEqual(home.saved(), ["Milk", "Bread", "Green tea"]);
  await home.post("/tick", { id: "1", ticked: "yes" });
  deepEqual(home.saved(), ["Bread", "Green tea", "Milk ✓"]);
  await home.post("/remove", { id: "2" });
  await home.post("/clear", {});
  deepEqual(home.saved(), ["Green tea"]);
  match(await home.page(), /Green tea<\/span> <small>Zoë<\/small>/);
});

Deno.test("a thing that is there already is not added twice, but wanted again", async () => {
  using home = new Household();
  await home.post("/add", { name: "Milk" });
  await home.post("/tick", { id: "1", ticked: "yes" });
  await home.post("/add", { name: "milk" });
  deepEqual(home.saved(), ["Milk"]);
});

Deno.test("what was bought before is suggested", async () => {
  using home = new Household();
  await home.post("/add", { name: "Milk" });
  ok(!(await home.page()).includes(`<option value="Milk">`));
  await home.post("/remove", { id: "1" });
  match(await home.page(), /<option value="Milk">/);
});

Deno.test("what people write is shown, never run", async () => {
  using home = new Household();
  await home.post("/add", { name: `"><script>alert(1)</script>` });
  ok(!(await home.page()).includes("<script>alert"));
});

Deno.test("who may not edit sees the list without its buttons and is refused", async () => {
  using home = new Household();
  await home.post("/add", { name: "Milk" });
  for (const visitor of [reader, {}]) {
    const page = await home.page(visitor);
    match(page, /Milk/);
    ok(!page.includes("<form"));
    for (const path of ["/add", "/tick", "/remove", "/clear"]) {
      equal((await home.post(path, { id: "1", name: "Gin" }, visitor)).status, 403, path);
    }
  }
  deepEqual(home.saved(), ["Milk"]);
});

Deno.test("guests edit where the appspace's config says so", async () => {
  using home = new Household(true);
  equal((await home.post("/add", { name: "Milk" }, {})).status, 303);
});

Deno.test("every open page is told of a change, with the buttons that its visitor may use", async () => {
  using home = new Household();
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    (request) => home.site.answer(request),
  );
  const url = `ws://127.0.0.1:${server.addr.port}/live`;
  const editor = new WebSocket(url, { headers: alice });
  const viewer = new WebSocket(url, { headers: reader });
  const seen = Promise.all([editor, viewer].map((socket) => heard(socket, "Milk")));
  await Promise.all([editor, viewer].map((socket) => heard(socket, `"people":2`)));
  await home.post("/add", { name: "Milk" });
  const [edited, viewed] = await seen;
  ok(edited!.includes("<form") && !viewed!.includes("<form"));
  for (const socket of [editor, viewer]) {
    const closed = new Promise((resolve) => socket.onclose = resolve);
    socket.close();
    await closed;
  }
});

function heard(socket: WebSocket, text: string): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  socket.addEventListener("message", ({ data }) => data.includes(text) && resolve(data));
  return promise;
}
