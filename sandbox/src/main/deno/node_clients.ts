// Runs before apps that may use Node clients: axios, undici, node:http(s), the AWS SDK. These open
// connections with node:net and node:tls and do not support a proxy on a Unix socket, so this file
// replaces the connect functions. A connection goes to the egress gateway, starts with a preface
// that names the target and whether to use TLS, and continues in plain HTTP. The gateway checks
// each request by its URL and makes the TLS connection. This is a convenience and not a security
// boundary, like preload.ts.
import { Buffer } from "node:buffer";
import dns from "node:dns";
import fs from "node:fs";
import http2 from "node:http2";
import net from "node:net";
import os from "node:os";
import process from "node:process";
import tls from "node:tls";
import "./node_servers.ts";
import { codeOf, DECISION, GATEWAY, NO_DNS, NO_TCP, REASON, refused } from "./refusal.ts";

type Callback = (...args: unknown[]) => void;
type Options = Record<string, unknown> & {
  host?: string;
  hostname?: string;
  port?: number | string;
  path?: string | null;
  socket?: unknown;
  servername?: string;
  ALPNProtocols?: unknown;
  method?: string;
};
// A TLS socket with the properties that Node's own code reads.
type Secured = net.Socket & Record<string, unknown>;

const connectSocket = net.Socket.prototype.connect;
const connectTls = tls.connect;

/** Parses the arguments of connect like Node: (options), (port, host) or (path), and a callback. */
function normalised(args: unknown[]): [Options, Callback | undefined] {
  const last = args.at(-1);
  const callback = typeof last === "function" ? last as Callback : undefined;
  const [first, second, third] = args;
  // net.connect passes its own normalised arguments on.
  if (Array.isArray(first)) return normalised(first);
  if (first !== null && typeof first === "object") return [first as Options, callback];
  if (typeof first === "string" && !/^\d+$/.test(first)) return [{ path: first }, callback];
  const options = [second, third].find((it) => it !== null && typeof it === "object") ?? {};
  const host = typeof second === "string" ? second : undefined;
  return [{ ...options as Options, port: first as number, host }, callback];
}

/**
 * Connects a socket to the gateway and sends the preface. Data of the client is sent after
 * `connect`.
 */
function lead(
  socket: net.Socket,
  options: Options,
  scheme: "http" | "https",
  connected?: Callback,
): net.Socket {
  const host = options.host ?? options.hostname ?? "localhost";
  const target = `${net.isIPv6(host) ? `[${host}]` : host}:${options.port}`;
  const origin = new URL(`${scheme}://${target}`).origin;
  const methods = isHttp(options) ? `${DECISION}-methods: ${options.method ?? "GET"}\r\n` : "";
  Reflect.apply(connectSocket, socket, [{ path: GATEWAY }]);
  const others = socket.listeners("connect");
  socket.write(
    `CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n${DECISION}: ${scheme}\r\n${methods}\r\n`,
  );
  // Writes to an unconnected socket wait for this event.
  const writing = socket.listeners("connect").filter((it) => !others.includes(it)) as Callback[];
  socket.cork(); // keeps data of the client until the gateway has decided
  awaitVerdict(socket, origin, writing);
  if (connected) socket.once("connect", connected);
  requireHttp(socket);
  return socket;
}

/**
 * Returns whether an HTTP client opens the connection. HTTP clients set options that plain
 * connections do not have: a method, an agent, a protocol.
 */
function isHttp(options: Options): boolean {
  return options.method !== undefined || options._agentKey !== undefined ||
    options._defaultAgent !== undefined || /^(http|ws)s?:$/.test(String(options.protocol)) ||
    protocols(options).includes("http/1.1");
}

function protocols(options: Options): string[] {
  return [options.ALPNProtocols ?? []].flat().map(String);
}

/**
 * Delays `connect` until the gateway has decided, and consumes its decision before the client
 * reads.
 *
 * @param writing listeners that write the preface
 */
function awaitVerdict(socket: net.Socket, origin: string, writing: Callback[]): void {
  const { emit, push } = socket;
  const held: unknown[][] = [];
  let judged = false;
  let head = Buffer.alloc(0);
  socket.emit = function (this: net.Socket, ...args: unknown[]): boolean {
    if (judged || (args[0] !== "connect" && args[0] !== "ready")) {
      return Reflect.apply(emit, this, args);
    }
    held.push(args);
    if (args[0] === "connect") {
      for (const write of writing) {
        this.off("connect", write);
        Reflect.apply(write, this, []);
      }
      this._read(0); // a socket that is paused or waits for `connect` does not read by itself
    }
    return true;
  } as typeof emit;
  socket.push = function (this: net.Socket, chunk: unknown, encoding?: BufferEncoding): boolean {
    if (judged) return pushOrExplain(this, push, origin, chunk, encoding);
    if (!(chunk instanceof Uint8Array)) {
      this.destroy(new Error(refused(origin, "the egress gateway closed the connection")));
      return false;
    }
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf("\r\n\r\n");
    if (end < 0) return true;
    judged = true;
    if (reasonIn(head) !== undefined) return pushOrExplain(this, push, origin, head);
    this.uncork();
    for (const args of held) Reflect.apply(emit, this, args);
    const rest = head.subarray(end + 4);
    return rest.length === 0 || pushOrExplain(this, push, origin, rest);
  };
}

/** Passes data on, or destroys the socket with the gateway's reason if the data is a refusal. */
function pushOrExplain(
  socket: net.Socket,
  push: net.Socket["push"],
  origin: string,
  chunk: unknown,
  encoding?: BufferEncoding,
): boolean {
  const reason = chunk instanceof Uint8Array ? reasonIn(chunk) : undefined;
  if (reason === undefined) return push.call(socket, chunk, encoding);
  const error = new Error(refused(origin, reason)) as Error & { code: string };
  error.code = codeOf(origin, reason);
  socket.destroy(error);
  return false;
}

/**
 * Returns the reason if the chunk starts with a refusal. The gateway writes a refusal as a whole,
 * so its head arrives in one chunk. The head is Latin-1.
 */
function reasonIn(chunk: Uint8Array): string | undefined {
  const head = Buffer.from(chunk.buffer, chunk.byteOffset, Math.min(chunk.length, 2048))
    .toString("latin1");
  if (!/^HTTP\/1\.1 [45]\d\d Refused by the egress gateway\r\n/.test(head)) return undefined;
  if (!head.toLowerCase().includes(`\r\n${DECISION}: `)) return undefined;
  return new RegExp(`\r\n${REASON}: ([^\r]*)\r\n`, "i").exec(head)?.[1];
}

/**
 * Destroys the socket if the client's first write is not an HTTP request. The gateway does not
 * respond to other protocols.
 */
function requireHttp(socket: net.Socket): void {
  const write = socket.write;
  socket.write = function (this: net.Socket, ...args: Parameters<typeof write>): boolean {
    socket.write = write;
    const bytes = args[0] as unknown;
    const text = typeof bytes === "string" ? bytes : new TextDecoder("latin1").decode(
      (bytes as Uint8Array).subarray(0, 32),
    );
    if (/^[A-Z]{1,20}( |$)/.test(text)) return write.apply(this, args);
    this.destroy(new Error(NO_TCP));
    return false;
  } as typeof write;
}

function isOutside(options: Options): boolean {
  // A path is that of a Unix socket. An http.Agent sets it to null for other connections.
  return (options.path ?? null) === null && (options.port ?? null) !== null;
}

net.Socket.prototype.connect = function (this: net.Socket, ...args: unknown[]): net.Socket {
  const [options, callback] = normalised(args);
  if (!isOutside(options)) return Reflect.apply(connectSocket, this, args);
  if (this instanceof tls.TLSSocket) {
    this.destroy(new Error(NO_TCP));
    return this;
  }
  return lead(this, options, "http", callback);
} as typeof connectSocket;

/**
 * Creates a socket that looks to a client like a verified TLS connection. The gateway does the
 * verification.
 */
function secured(options: Options, connected?: Callback): net.Socket {
  const socket = new net.Socket({
    allowHalfOpen: options.allowHalfOpen as boolean | undefined,
    signal: options.signal as AbortSignal | undefined,
  } as net.SocketConstructorOpts) as Secured;
  Object.assign(socket, {
    encrypted: true,
    authorized: true,
    authorizationError: null,
    secureConnecting: true,
    servername: options.servername ?? options.host,
    alpnProtocol: protocols(options).includes("http/1.1") ? "http/1.1" : false,
    getPeerCertificate: () => ({}),
    getPeerX509Certificate: () => undefined,
    getCertificate: () => null,
    getCipher: () => ({ name: "TLS_AES_128_GCM_SHA256", version: "TLSv1.3" }),
    getProtocol: () => "TLSv1.3",
    getSession: () => undefined,
    getTLSTicket: () => undefined,
    isSessionReused: () => false,
    setSession: () => {},
    setServername: () => {},
    setMaxSendFragment: () => true,
    disableRenegotiation: () => {},
    enableTrace: () => {},
    exportKeyingMaterial: () => Buffer.alloc(0),
  });
  if (options.timeout) socket.setTimeout(options.timeout as number);
  // Emitted after the client's listeners of `connect` have run, as with TLS.
  socket.once("ready", () => {
    socket.secureConnecting = false;
    socket.emit("secure");
    socket.emit("secureConnect");
  });
  if (connected) socket.once("secureConnect", connected);
  return lead(socket, options, "https");
}

tls.connect = function (...args: unknown[]): net.Socket {
  const [first, callback] = normalised(args);
  const rest = args.find((it, at) => at > 0 && it !== null && typeof it === "object");
  const options = { ...first, ...rest as Options };
  if (!isOutside(options) || options.socket) return Reflect.apply(connectTls, tls, args);
  if (options.cert || options.pfx) {
    throw new Error("client certificates do not pass the egress gateway, which makes the TLS");
  }
  return secured(options, callback);
} as unknown as typeof tls.connect;

http2.connect = (() => {
  throw new Error("node:http2 does not pass the egress gateway; use HTTP/1.1 or fetch");
}) as typeof http2.connect;

const lookUp = dns.lookup;
dns.lookup = function (name: string, ...rest: unknown[]): unknown {
  const callback = rest.at(-1) as Callback;
  if (name === "localhost" || net.isIP(name) !== 0) {
    return Reflect.apply(lookUp, dns, [name, ...rest]);
  }
  queueMicrotask(() => callback(unresolved(name)));
  return {};
} as unknown as typeof dns.lookup;
dns.promises.lookup = ((name: string) => Promise.reject(unresolved(name))) as never;
for (const method of ["resolve", "resolve4", "resolve6", "resolveAny", "resolveTxt", "reverse"]) {
  const failing = (name: string, ...rest: unknown[]) =>
    queueMicrotask(() => (rest.at(-1) as Callback)(unresolved(name)));
  Object.assign(dns, { [method]: failing });
  Object.assign(dns.promises, { [method]: (name: string) => Promise.reject(unresolved(name)) });
}

function unresolved(name: string): Error {
  return Object.assign(new Error(`${name}: ${NO_DNS}`), { code: "ENOTFOUND", hostname: name });
}

// The functions that query the kernel instead of the Deno namespace, see preload.ts.
os.uptime = () => 0;
process.umask = Deno.umask as typeof process.umask;

/**
 * Answers false for a path that the app may not read, as Node does, because programs ask for files
 * in `/`, `/proc` and folders above their own. Deno throws an error, which they do not expect.
 */
const pathExists = fs.existsSync;
fs.existsSync = (path) => {
  try {
    return pathExists(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return false;
    throw error;
  }
};

/** Proxy variables. Clients that read them expect a TCP proxy and fail with a Unix socket. */
const hidden = /^(https?|all|no)_proxy$/i;
const environment = process.env;
const visible = (name: string | symbol) => typeof name === "symbol" || !hidden.test(name);
Object.defineProperty(process, "env", {
  configurable: true,
  enumerable: true,
  writable: true,
  value: new Proxy(environment, {
    get: (target, name) => visible(name) ? Reflect.get(target, name) : undefined,
    has: (target, name) => visible(name) && Reflect.has(target, name),
    ownKeys: (target) => Reflect.ownKeys(target).filter(visible),
    getOwnPropertyDescriptor: (target, name) =>
      visible(name) ? Reflect.getOwnPropertyDescriptor(target, name) : undefined,
  }),
});
