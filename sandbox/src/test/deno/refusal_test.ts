import { deepEqual, equal, match } from "node:assert/strict";
import { codeOf, fetchError, refused } from "../../main/deno/refusal.ts";
import { Running } from "./running.ts";

const NO_PROGRAMS =
  "an app may not start programs; use a Worker, or a package in JavaScript or WebAssembly";

Deno.test("an app that starts a program gets the reason, with the code that Node's programs handle", async () => {
  await using app = await Running.start("refusal_app.ts");
  for (const way of ["/command", "/spawn", "/exec", "/fork"]) {
    const { code, message } = await (await app.get(way)).json();
    match(message, new RegExp(`^Requires run access to "[^"]+": ${NO_PROGRAMS}$`), way);
    deepEqual(code, "EACCES", way);
  }
});

Deno.test("the log has the reason where Deno hides it from the app", async () => {
  await using app = await Running.start("refusal_app.ts");
  deepEqual(await (await app.get("/execSync")).json(), { message: "Command failed: ls" });
  app.terminate();
  await app.end();
  match(
    app.log,
    new RegExp(`node:child_process: Requires run access to "/bin/sh": ${NO_PROGRAMS}`),
  );
});

Deno.test("a refused file or query has the code that Node's programs handle", async () => {
  await using app = await Running.start("refusal_app.ts");
  const query = await (await app.get("/userInfo")).json();
  match(query.message, /may not read information about the machine; take it from the appspace's/);
  deepEqual(query.code, "EACCES");
  deepEqual(await (await app.get("/node-file")).json(), {
    code: "EACCES",
    message: 'Requires read access to "/etc/passwd": an app may read only /app, /data and /tmp',
  });
});

Deno.test("a refused relative path names the folder where it starts", async () => {
  await using app = await Running.start("refusal_app.ts");
  for (const way of ["/relative", "/relative-node"]) {
    const { message } = await (await app.get(way)).json();
    const expected = 'notes.txt": an app may write only /data and /tmp; relative paths start in ' +
      `${Deno.cwd()}, and "cwd" in dropapp.json chooses /app or /data`;
    equal(message.endsWith(expected), true, message);
  }
});

Deno.test("a removed working folder hides no refusal", async () => {
  for (
    const [path, expected] of [
      ["/etc/passwd", 'Requires read access to "/etc/passwd": an app may read only'],
      ["notes.txt", "failed resolving cwd"],
    ] as const
  ) {
    await using app = await Running.start("refusal_app.ts");
    const { message } = await (await app.get(`/removed-folder?path=${path}`)).json();
    equal(message.startsWith(expected), true, message);
  }
});

const NOT_PUBLIC = "not a public destination, and the operator of this server has not permitted it";

Deno.test("a server on a loopback address is absent, and the message says where programs are", () => {
  for (const host of ["localhost", "db.localhost", "127.0.0.3", "[::1]", "0.0.0.0"]) {
    for (const origin of [`http://${host}:1234`, `ws://${host}`]) {
      match(refused(origin, NOT_PUBLIC), /permitted it; no other program .* egress gateway only$/);
      equal(codeOf(origin, NOT_PUBLIC), "ECONNREFUSED");
      equal((fetchError(origin, NOT_PUBLIC).cause as { code: string }).code, "ECONNREFUSED");
    }
  }
});

Deno.test("a refusal of another kind is not mistaken for an absent server", () => {
  const others = [
    ["http://192.168.0.1:1234", NOT_PUBLIC],
    ["http://localhost.example.net", NOT_PUBLIC],
    ["http://notlocalhost", NOT_PUBLIC],
    ["http://127.example.net", NOT_PUBLIC],
    ["http://localhost:1234", "not whitelisted; request 7f3a2c91 is waiting for approval"],
  ] as const;
  for (const [origin, reason] of others) {
    equal(refused(origin, reason), `${origin}: ${reason}`);
    equal(codeOf(origin, reason), "EACCES");
    equal(fetchError(origin, reason).cause, undefined);
  }
});
