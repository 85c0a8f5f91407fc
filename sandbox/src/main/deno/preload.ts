// Runs before every app, in the app's own realm. It is a convenience for well-behaved apps and not
// a security boundary: the isolation is outside this process. Every line of this file makes each
// cold start slower.
import type { EgressAnswer, EgressWish } from "./dropserver.d.ts";
import { cron, servingCrons } from "./cron.ts";
import {
  DECISION,
  explainPermissions,
  fetchError,
  NO_DNS,
  NO_LISTENER,
  NO_TCP,
  REASON,
  refused,
} from "./refusal.ts";

/**
 * Behind a Unix socket, Deno reports URLs as `http+unix://…`, and redirects and links that an app
 * derives from them would not work. With this getter, `request.url` is the public URL. The front
 * door names the host of the request, which may be a custom one; a job has no host.
 */
export function publishRequestUrl(publicUrl: string): void {
  const property = Object.getOwnPropertyDescriptor(Request.prototype, "url")!;
  const original = property.get as (this: Request) => string;
  Object.defineProperty(Request.prototype, "url", {
    ...property,
    get(this: Request): string {
      const url = original.call(this);
      if (!url.startsWith("http+unix://")) return url;
      const origin = forwardedOrigin(this) ?? publicUrl;
      return origin + url.slice(url.indexOf("/", "http+unix://".length));
    },
  });
}

function forwardedOrigin(request: Request): string | null {
  try {
    const host = request.headers.get("x-forwarded-host");
    return host === null ? null : `${request.headers.get("x-forwarded-proto")}://${host}`;
  } catch {
    return null; // Deno closes the headers at an upgrade to a WebSocket, and reads the URL again
  }
}

const originalFetch = globalThis.fetch;

/**
 * Reports a refused destination like a network error of the Fetch standard: a rejected promise with
 * a `TypeError`, which names the destination and the reason. Libraries expect this error, and retry
 * or report it.
 */
export function explainRefusals(): void {
  const fetch = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    let response;
    try {
      response = await originalFetch(input, init);
    } catch (cause) {
      if (!(cause instanceof Deno.errors.NotCapable)) throw cause;
      throw new TypeError(refused(destination(input), cause.message), { cause });
    }
    if (!response.headers.has(DECISION)) return response;
    await response.body?.cancel();
    // After redirects, the last hop was refused.
    const origin = destination(response.url === "" ? input : response.url);
    throw fetchError(origin, response.headers.get(REASON) ?? "");
  };
  replace(globalThis, "fetch", fetch);
}

/** Returns the origin. Path and query may contain a secret, and errors end up in logs. */
function destination(input: RequestInfo | URL): string {
  const url = new URL(input instanceof Request ? input.url : input);
  return url.host === "" ? url.protocol : url.origin;
}

/**
 * A WebSocket does not report why it could not be opened. When one fails, this asks the gateway for
 * its decision, and delays the `error` event until the reason is known. The replacement class is
 * created on first use, because it would slow down each start.
 */
export function explainWebSockets(): void {
  const property = Object.getOwnPropertyDescriptor(globalThis, "WebSocket")!;
  let made: typeof WebSocket | undefined;
  const make = () => made ??= explaining(property.value ?? property.get!.call(globalThis));
  Object.defineProperty(globalThis, "WebSocket", {
    configurable: true,
    enumerable: false,
    get: make,
    set: (other) => made = other,
  });
}

function explaining(Original: typeof WebSocket): typeof WebSocket {
  const Explaining = class extends Original {
    constructor(...args: ConstructorParameters<typeof WebSocket>) {
      super(...args);
      explainFailure(this);
    }
  };
  Object.defineProperty(Explaining, "name", { value: "WebSocket" });
  return Explaining;
}

/** Adds listeners that run before those of the app, which gets the socket only afterwards. */
function explainFailure(socket: WebSocket): void {
  let waiting: Promise<void> | undefined;
  const passed = new Set<Event>();
  const pass = (event: Event) => {
    passed.add(event);
    socket.dispatchEvent(event);
  };
  let opened = false;
  socket.addEventListener("open", () => opened = true, { once: true });
  socket.addEventListener("error", (event) => {
    if (opened || passed.has(event)) return;
    event.stopImmediatePropagation();
    const reason = decision(socket.url);
    waiting = reason.then((text) => {
      const message = text ?? (event as ErrorEvent).message;
      const error = text === undefined ? (event as ErrorEvent).error : new TypeError(text);
      pass(new ErrorEvent("error", { message, error }));
    });
  });
  socket.addEventListener("close", (event) => {
    if (opened || passed.has(event) || waiting === undefined) return;
    const { code, reason, wasClean } = event;
    event.stopImmediatePropagation();
    waiting = waiting.then(() => pass(new CloseEvent("close", { code, reason, wasClean })));
  });
}

/**
 * Asks the gateway for a decision. Returns why it refuses the WebSocket; undefined if it does not.
 */
async function decision(url: string): Promise<string | undefined> {
  try {
    const asked = new URL(url.replace(/^ws/, "http"));
    const response = await originalFetch(asked, { headers: { [DECISION]: "explain" } });
    await response.body?.cancel();
    const reason = response.headers.get(REASON);
    return reason === null ? undefined : refused(new URL(url).origin, reason);
  } catch {
    return undefined;
  }
}

const LONGEST_REASON = 200;

/** See `Dropserver.requestEgress`. The gateway only reads the headers and forwards nothing. */
export async function requestEgress(
  url: string | URL,
  wish: EgressWish = {},
): Promise<EgressAnswer> {
  const asked = new URL(String(url).replace(/^ws/i, "http"));
  const methods = (wish.methods ?? ["GET"]).map((it) => it.toUpperCase()).join(",");
  const reason = [...(wish.reason ?? "").slice(0, 2 * LONGEST_REASON)].slice(0, LONGEST_REASON)
    .join("").toWellFormed();
  const response = await originalFetch(asked, {
    headers: {
      [DECISION]: "ask",
      [`${DECISION}-methods`]: methods,
      [REASON]: encodeURIComponent(reason),
    },
  });
  await response.body?.cancel();
  const decision = response.headers.get(DECISION) ?? "";
  const request = /request=([0-9a-f]+)/.exec(decision)?.[1] ?? null;
  if (decision === "allowed") return { state: "allowed", request };
  if (decision.startsWith("denied; decided")) return { state: "denied", request };
  if (decision.startsWith("denied")) return { state: "waiting", request };
  throw new TypeError(refused(destination(asked), response.headers.get(REASON) ?? ""));
}

/** Makes functions that cannot work in a sandbox fail immediately, with a clear message. */
export function explainWhatIsNotOffered(): void {
  const { connect } = Deno;
  replace(Deno, "connect", async (options: Deno.ConnectOptions & { transport?: string }) => {
    const transport: unknown = options?.transport;
    if (transport !== "unix") throw new Deno.errors.NotCapable(NO_TCP);
    return await connect(options);
  });
  for (const name of ["listen", "listenTls"]) {
    const listen = Reflect.get(Deno, name);
    replace(Deno, name, (options?: { transport?: string }) => {
      if (options?.transport !== "unix") throw new Deno.errors.NotCapable(NO_LISTENER);
      return listen(options);
    });
  }
  replace(Deno, "connectTls", () => Promise.reject(new Deno.errors.NotCapable(NO_TCP)));
  replace(Deno, "resolveDns", () => Promise.reject(new Deno.errors.NotCapable(NO_DNS)));
}

/** Offers `Deno.cron` without Deno's own clock, which would stop with the process. */
export function offerCrons(): void {
  replace(Deno, "cron", cron);
  replace(Deno, "serve", servingCrons(Deno.serve));
}

const MIB = 1024 * 1024;

/**
 * Returns the umask of every sandbox. Deno 2.9.6 refuses the query, because its lists do not know
 * the name.
 */
export function umask(mask?: number): number {
  if (mask === undefined || mask === 0o022) return 0o022;
  throw new Deno.errors.NotCapable("an app may not change its umask: use chmod");
}

/**
 * Replaces functions whose results would distinguish machines with functions that return constants.
 * node:os uses the replaced functions. Deno's permission lists refuse the original queries, so they
 * fail in a worker, where this file does not run.
 */
export function describeNoMachine(): void {
  replace(Deno, "osRelease", () => "6.1.0");
  replace(Deno, "osUptime", () => 0);
  replace(Deno, "loadavg", () => [0, 0, 0]);
  replace(Deno, "networkInterfaces", () => []);
  replace(Deno, "umask", umask);
  replace(Deno, "systemMemoryInfo", () => ({
    total: 512 * MIB,
    free: 256 * MIB,
    available: 256 * MIB,
    buffers: 0,
    cached: 0,
    swapTotal: 0,
    swapFree: 0,
  }));
  Object.defineProperty(Navigator.prototype, "hardwareConcurrency", {
    configurable: true,
    enumerable: true,
    get: () => 1,
  });
}

/**
 * Writes the files of the manifest that do not exist yet. A rename puts each in its place, so a
 * start that is interrupted leaves no half of a file.
 *
 * @param files contents by path
 * @param folder the data folder
 */
export function writeFiles(files: Readonly<Record<string, string>>, folder: string): void {
  for (const [path, text] of Object.entries(files)) {
    const file = `${folder}/${path}`;
    if (exists(file)) continue;
    Deno.mkdirSync(file.slice(0, file.lastIndexOf("/")), { recursive: true });
    const unfinished = `${file}.dropserver-new`;
    Deno.writeTextFileSync(unfinished, text);
    Deno.renameSync(unfinished, file);
  }
}

function exists(file: string): boolean {
  try {
    Deno.lstatSync(file);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function replace(owner: object, name: string, value: unknown): void {
  const before = Object.getOwnPropertyDescriptor(owner, name);
  Object.defineProperty(owner, name, {
    value,
    writable: true,
    enumerable: before?.enumerable ?? true,
    configurable: true,
  });
}

/** All environment variables. */
export let environment: Readonly<Record<string, string>> = {};

/** Reads the environment, and does what depends on the appspace. */
export function begin(): void {
  environment = Deno.env.toObject();
  const publicUrl = environment.DROPSERVER_URL;
  if (publicUrl !== undefined) publishRequestUrl(publicUrl);
  if (environment.DROPSERVER_FILES !== undefined) {
    writeFiles(JSON.parse(Deno.readTextFileSync("/app/dropapp.json")).files, "/data");
  }
}

begin();
explainPermissions();
explainRefusals();
explainWebSockets();
explainWhatIsNotOffered();
offerCrons();
describeNoMachine();
