// A program for Node, as its authors write it.
import Fastify from "fastify";
import { networkInterfaces } from "node:os";
import process from "node:process";

const app = Fastify({ logger: true, trustProxy: true });
app.get(
  "/visitor",
  (request) => ({ ip: request.ip, address: request.socket.remoteAddress }),
);
app.get("/machine", () => ({
  addresses: app.addresses(),
  interfaces: networkInterfaces(),
  report: process.report.getReport().header.networkInterfaces,
}));
await app.listen({ port: 3000 });
