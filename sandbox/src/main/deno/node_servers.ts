// Runs before apps that may use Node servers. Deno moves the first server of node:http to the
// sandbox's socket, which has neither a port nor the address of a client. Programs print the first
// and log or count the second, and fail without them. This is a convenience and not a security
// boundary, like preload.ts.
import http from "node:http";
import net from "node:net";

type Address = { address: string; family: string; port: number };
// The parts of Node's server that its own code reads.
type Handle = {
  getsockname?(out: Address): number;
  close?(closed?: () => void): void;
  ref?(): void;
  unref?(): void;
};
type Listening = net.Server & { _handle: Handle | null };

/** The port of a server that leaves the choice to the system. Also the value of `PORT`. */
const DEFAULT_PORT = 8080;

/** Visitors who are not logged in share this address. RFC 3849 reserves its prefix. */
const UNKNOWN_VISITOR = "2001:db8::1";

/**
 * The address that a program asked for, in Node's form.
 *
 * @param args of `listen`: (options), (port), (port, host) and more; undefined for a path, a handle
 * or a descriptor, which have no address
 */
export function requestedAddress(args: readonly unknown[]): Address | undefined {
  const [first, second] = args;
  const isObject = first !== null && typeof first === "object";
  const options = (isObject ? first : { port: first, host: second }) as Record<string, unknown>;
  if ([options.fd, options.path, options._handle].some((it) => (it ?? null) !== null)) {
    return undefined;
  }
  if (!isObject && typeof first === "string" && !/^\d+$/.test(first)) return undefined;
  const port = Number(typeof options.port === "function" ? 0 : options.port ?? 0);
  if (!Number.isInteger(port) || port < 0 || port > 65535) return undefined;
  const host = typeof options.host === "string" && options.host !== "" ? options.host : "::";
  const version = net.isIP(host);
  return {
    address: version === 0 ? "127.0.0.1" : host,
    family: version === 6 ? "IPv6" : "IPv4",
    port: port === 0 ? DEFAULT_PORT : port,
  };
}

/**
 * The address of a visitor as programs see it: distinct for each user, the same for every request,
 * and unrelated to the machine of the user. The host's reverse proxy sets the id and removes it
 * from requests of clients, so no visitor can choose an address.
 *
 * @param id the user's id in this appspace
 */
export function visitorAddress(id: string | undefined): string {
  if (id === undefined || id === "") return UNKNOWN_VISITOR;
  let text = "2001:db8";
  for (let group = 0, hash = 0x811c9dc5; group < 6; group++) {
    // FNV-1a. Programs that count requests by network see different networks as well, because the
    // hash starts directly after the prefix.
    for (let at = 0; at < id.length; at++) {
      hash = Math.imul(hash ^ id.charCodeAt(at), 0x01000193);
    }
    // Never 0, so that the text is in the canonical form of RFC 5952.
    text += `:${((hash >>> 16) | 0x1000).toString(16)}`;
  }
  return text;
}

const listenHttp = http.Server.prototype.listen;
http.Server.prototype.listen = function (this: Listening, ...args: unknown[]) {
  Reflect.apply(listenHttp, this, args);
  const handle = this._handle;
  if (handle && handle.getsockname === undefined) {
    const address = requestedAddress(args);
    handle.getsockname = (out) => {
      if (address) Object.assign(out, address);
      return 0;
    };
  }
  return this;
} as unknown as typeof listenHttp;

const listenNet = net.Server.prototype.listen;
/**
 * A TCP server listens without ever getting a connection, instead of ending the process with an
 * error that no listener sees. Programs open such servers to find a free port.
 */
net.Server.prototype.listen = function (this: Listening, ...args: unknown[]) {
  const address = requestedAddress(args);
  if (address === undefined || this._handle) return Reflect.apply(listenNet, this, args);
  const callback = args.at(-1);
  if (typeof callback === "function") this.once("listening", callback as () => void);
  this._handle = {
    getsockname: (out) => (Object.assign(out, address), 0),
    close: (closed) => closed && queueMicrotask(closed),
    ref() {},
    unref() {},
  };
  queueMicrotask(() => this._handle && this.emit("listening"));
  return this;
} as unknown as typeof listenNet;

const REQUESTS = new Set<unknown>([
  "request",
  "upgrade",
  "connect",
  "checkContinue",
  "checkExpectation",
]);
const { emit } = net.Server.prototype;
http.Server.prototype.emit = function (this: http.Server, ...args: unknown[]): boolean {
  if (REQUESTS.has(args[0])) describeVisitor(args[1] as http.IncomingMessage);
  return Reflect.apply(emit, this, args);
} as typeof emit;

/** Connections are reused for other visitors, so each request sets the address again. */
function describeVisitor(request: http.IncomingMessage): void {
  const id = request.headers["dropserver-user-id"];
  const described = {
    remoteAddress: visitorAddress(Array.isArray(id) ? id[0] : id),
    remoteFamily: "IPv6",
    remotePort: 443,
  };
  for (const [name, value] of Object.entries(described)) {
    Object.defineProperty(request.socket, name, {
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    });
  }
}
