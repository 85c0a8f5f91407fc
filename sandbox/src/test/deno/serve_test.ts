import { deepEqual, equal, match } from "node:assert/strict";
import { userOf } from "../../main/deno/serve.ts";
import { publicUrl, Running } from "./running.ts";

Deno.test("an app is told its user, its appspace and its config", async () => {
  await using app = await Running.start("app.ts");
  const response = await app.get("/", {
    "dropserver-user-id": "u7",
    "dropserver-user-name": "Zo%C3%AB%20%E2%9C%BF",
    "dropserver-permissions": "view,edit",
  });
  deepEqual(await response.json(), {
    appspace: { name: "garden", url: publicUrl },
    config: JSON.parse(`{"units":"metric","user":"root","__proto__":"x"}`),
    ["__proto__"]: "x",
    units: "metric",
    user: { id: "u7", name: "Zoë ✿", permissions: ["view", "edit"] },
  });
});

Deno.test("a worker reads its config as env, which replaces nothing of the host", async () => {
  await using app = await Running.start("worker.ts");
  const response = await app.get("/");
  deepEqual(await response.json(), { units: "metric", user: null, own: true });
  await app.logged("dropserver.keepAwake:"); // waitUntil asked the host, which this test lacks
});

Deno.test("a default export may be the handler itself", async () => {
  await using app = await Running.start("function.ts");
  equal(await app.text("/x"), "GET metric");
});

Deno.test("nobody is logged in where the host names no user", () => {
  equal(
    userOf(new Headers({ "dropserver-user-name": "Eve", "dropserver-permissions": "a" })),
    null,
  );
});

Deno.test("a user without permissions has none, and a name that is not encoded stays as it is", () => {
  const headers = new Headers({ "dropserver-user-id": "u1", "dropserver-user-name": "100 %" });
  deepEqual(userOf(headers), { id: "u1", name: "100 %", permissions: [] });
});

Deno.test("an app sees the address that people see, in copies of the request too", async () => {
  await using app = await Running.start("app.ts");
  const seen = `${publicUrl}/url?q=1`;
  match(await ask(app, "/url?q=1"), RegExp(RegExp.escape(JSON.stringify([seen, seen, seen]))));
  match(await ask(app, "/redirect"), RegExp(`\r\nLocation: ${publicUrl}/elsewhere\r\n`));
});

Deno.test("an address has the host by which the front door was reached", async () => {
  await using app = await Running.start("app.ts");
  const forwarded = ["X-Forwarded-Host: wiki.example.org:8443", "X-Forwarded-Proto: http"];
  const seen = "http://wiki.example.org:8443/url?q=1";
  const response = await ask(app, "/url?q=1", ...forwarded);
  equal(response.split("\r\n\r\n")[1], JSON.stringify([seen, seen, seen]));
});

Deno.test("an error becomes a plain 500 that tells the browser nothing and the log all", async () => {
  await using app = await Running.start("app.ts");
  const response = await app.get("/throw");
  equal(response.status, 500);
  equal(response.headers.get("content-type"), "text/plain; charset=utf-8");
  equal(await response.text(), "The app failed to answer.\n");
  await app.logged("GET /throw failed: Error: a secret detail");
});

Deno.test("the log names the working folder after an error of a missing or read-only file", async () => {
  for (const path of ["/missing-file", "/read-only", "/throw"]) {
    await using app = await Running.start("app.ts");
    await app.text(path);
    app.terminate();
    await app.end();
    equal(
      app.log.includes(`Relative paths start in ${Deno.cwd()}; "cwd"`),
      path !== "/throw",
      path,
    );
  }
});

Deno.test("an answer that is no Response is an error of the app", async () => {
  await using app = await Running.start("app.ts");
  equal((await app.get("/nothing")).status, 500);
  await app.logged("fetch returned undefined, not a Response");
});

Deno.test("a rejection that nobody handles leaves the other requests alone", async () => {
  await using app = await Running.start("app.ts");
  equal(await app.text("/reject-later"), "answered");
  await app.logged("loose rejection");
  equal(await app.text("/throw-later"), "answered");
  await app.logged("loose error");
  equal((await app.get("/")).status, 200);
});

Deno.test("SIGTERM lets a request finish, then the process ends with 0", async () => {
  await using app = await Running.start("app.ts");
  const slow = app.text("/slow");
  await app.logged("slow request arrived");
  app.terminate();
  equal(await slow, "finished");
  equal(await app.end(), 0);
});

Deno.test("a refused destination is a rejected promise that names it and says why", async () => {
  await using app = await Running.start("app.ts");
  const [message, isTypeError] = await (await app.get("/out")).json();
  match(message, /^TypeError: https:\/\/stats\.example\.net: .*net access/);
  equal(message.includes("secret"), false);
  equal(isTypeError, true);
});

Deno.test("a WebSocket is upgraded and echoes", async () => {
  await using app = await Running.start("app.ts");
  using connection = await Deno.connect({ transport: "unix", path: app.socket });
  const handshake = [
    "GET /socket HTTP/1.1",
    "Host: garden.home.test",
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  ];
  await connection.write(new TextEncoder().encode(handshake.join("\r\n") + "\r\n\r\n"));
  match(await read(connection), /^HTTP\/1\.1 101 /);
  // RFC 6455, 5.7: a single-frame masked text message "Hello".
  const hello = [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58];
  await connection.write(Uint8Array.from(hello));
  equal(await read(connection), "\x81\x0aHello back");
});

Deno.test("an entrypoint that exports no handler is refused with the remedy", async () => {
  const { code, log } = await Running.fail("no_handler.ts");
  equal(code, 1);
  match(log, /no_handler\.ts has no default export.*"runtime": "serve"/);
});

/**
 * Written by hand: Deno's client sends absolute URLs to a Unix socket, but the reverse proxy sends
 * paths.
 */
async function ask(app: Running, path: string, ...headers: string[]): Promise<string> {
  using connection = await Deno.connect({ transport: "unix", path: app.socket });
  const head = [`GET ${path} HTTP/1.1`, "Host: garden.home.test:8080", ...headers];
  await connection.write(new TextEncoder().encode(head.join("\r\n") + "\r\n\r\n"));
  return await read(connection);
}

async function read(connection: Deno.Conn): Promise<string> {
  const buffer = new Uint8Array(1024);
  const length = await connection.read(buffer);
  return String.fromCharCode(...buffer.subarray(0, length ?? 0));
}
