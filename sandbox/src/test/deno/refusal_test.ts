import { deepEqual, match } from "node:assert/strict";
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
