import { deepEqual, equal, match } from "node:assert/strict";
import { text } from "../../main/deno/cron.ts";
import { Running } from "./running.ts";

Deno.test("a due cron runs its handler, and only the host's request does", async () => {
  await using app = await Running.start("cron_app.ts");
  const run = (headers: HeadersInit, path = "/.dropserver/cron") => app.get(path, headers);
  equal((await run({ "dropserver-job": "tick" })).status, 204);
  equal((await run({ "dropserver-job": "with options" })).status, 204);
  deepEqual(await (await app.get("/runs")).json(), ["tick", "with options"]);
  equal(await (await run({})).text(), "the app itself");
  equal(await (await run({ "dropserver-job": "tick" }, "/other")).text(), "the app itself");
  equal((await run({ "dropserver-job": "unknown" })).status, 410);
});

Deno.test("an app without crons answers that the host's cron does not exist", async () => {
  await using app = await Running.start("app.ts");
  equal((await app.get("/.dropserver/cron", { "dropserver-job": "tick" })).status, 410);
  equal((await app.get("/", { "dropserver-job": "tick" })).status, 200);
});

Deno.test("a cron that fails is logged and answered with 500", async () => {
  await using app = await Running.start("cron_app.ts");
  equal((await app.get("/.dropserver/cron", { "dropserver-job": "broken" })).status, 500);
  await app.logged("The cron broken failed: Error: out of order");
});

Deno.test("names are unique and valid, and an app has at most 20 crons", async () => {
  await using app = await Running.start("cron_app.ts");
  const errors: string[] = await (await app.get("/errors")).json();
  match(errors[0]!, /exists already/);
  match(errors[1]!, /1 to 64 letters/);
  match(errors[2]!, /1 to 64 letters/);
  match(errors[3]!, /at most 20/);
  equal(errors.length, 4);
});

Deno.test("a schedule of fields is sent as text", () => {
  deepEqual(
    [
      text({}),
      text({ minute: 5, hour: { exact: [1, 2] }, dayOfWeek: { start: 2, end: 6 } }),
      text({ minute: { every: 20 } }),
      text({ minute: { start: 10, every: 20 }, hour: { end: 6 } }),
    ],
    ["* * * * *", "5 1,2 * * 2-6", "*/20 * * * *", "10-59/20 0-6 * * *"],
  );
});
