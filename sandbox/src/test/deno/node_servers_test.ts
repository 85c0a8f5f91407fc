import { deepEqual, equal, match, notEqual } from "node:assert/strict";
import http from "node:http";
import net from "node:net";
import { requestedAddress, visitorAddress } from "../../main/deno/node_servers.ts";

Deno.test("a server has the address that its program asked for", () => {
  const any = { address: "::", family: "IPv6" };
  deepEqual(requestedAddress([3000]), { ...any, port: 3000 });
  deepEqual(requestedAddress(["3000", () => {}]), { ...any, port: 3000 });
  deepEqual(requestedAddress([3000, "0.0.0.0"]), {
    address: "0.0.0.0",
    family: "IPv4",
    port: 3000,
  });
  deepEqual(requestedAddress([{ port: 3000, host: "localhost" }]), {
    address: "127.0.0.1",
    family: "IPv4",
    port: 3000,
  });
  deepEqual(requestedAddress([{ port: 3000, path: undefined }]), { ...any, port: 3000 });
  deepEqual(requestedAddress([0]), { ...any, port: 8080 });
  deepEqual(requestedAddress([]), { ...any, port: 8080 });
  deepEqual(requestedAddress([() => {}]), { ...any, port: 8080 });
});

Deno.test("a server on a path has no such address", () => {
  equal(requestedAddress(["/run/x.sock"]), undefined);
  equal(requestedAddress([{ path: "/run/x.sock" }]), undefined);
  equal(requestedAddress([{ fd: 3 }]), undefined);
  equal(requestedAddress([70_000]), undefined);
});

Deno.test("each user has a constant address of the documentation prefix, and no other user's", () => {
  const ada = visitorAddress("u-ada");
  equal(ada, visitorAddress("u-ada"));
  notEqual(ada, visitorAddress("u-adb"));
  // Programs that count requests by network use the first 56 bits.
  notEqual(ada.split(":")[2], visitorAddress("u-adb").split(":")[2]);
  for (const address of [ada, visitorAddress(undefined), visitorAddress("")]) {
    equal(net.isIPv6(address), true);
    match(address, /^2001:db8:/);
    equal(new URL(`http://[${address}]`).hostname, `[${address}]`);
  }
});

Deno.test("a TCP server listens on nothing, and its port is free", async () => {
  const server = net.createServer();
  await new Promise<void>((listening) => server.listen(1, "0.0.0.0", listening));
  deepEqual(server.address(), { address: "0.0.0.0", family: "IPv4", port: 1 });
  await new Promise((closed) => server.close(closed));
  equal(server.listening, false);
});

Deno.test("a visitor's address comes from the host's header only, and is new for each request", () => {
  const server = http.createServer();
  const seen: unknown[] = [];
  server.on("request", (request: http.IncomingMessage) => seen.push(request.socket.remoteAddress));
  const socket = { remoteAddress: null };
  const claims = { "x-forwarded-for": "203.0.113.9", "x-real-ip": "203.0.113.9" };
  server.emit("request", { headers: { ...claims, "dropserver-user-id": "u1" }, socket }, {});
  server.emit("request", { headers: claims, socket }, {});
  deepEqual(seen, [visitorAddress("u1"), visitorAddress(undefined)]);
});
