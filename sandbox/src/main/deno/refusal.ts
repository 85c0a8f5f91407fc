// Refusals of the egress gateway, which sends them in place of a destination's response, and of
// Deno's permission lists. Only the gateway can send the headers below, because it removes them from
// responses of destinations.

/** The gateway's socket. */
export const GATEWAY = "/run/dropserver/egress.sock";

/**
 * In a response, the gateway's decision, such as the kind of refusal. In a request, `explain` asks
 * only for the decision, and `ask` requests approval.
 */
export const DECISION = "dropserver-egress";
export const REASON = "dropserver-egress-reason";

/** Messages for raw connections, DNS lookups and listeners, which no whitelist can allow. */
export const NO_TCP = "raw connections do not leave a sandbox: only HTTP and WebSocket requests do";
export const NO_DNS = "names are not looked up in a sandbox: the egress gateway does it";
export const NO_LISTENER = "an app has no network to listen on: Deno.serve or node:http serves it";

/**
 * Returns the message of an error for a refused request.
 *
 * @param origin without path and query, because they may contain a secret, and errors end up in
 * logs
 * @param reason such as `not whitelisted; request 7f3a2c91 is waiting for approval`
 */
export function refused(origin: string, reason: string): string {
  const note = isAbsent(origin, reason) ? `; ${NO_NEIGHBOUR}` : "";
  return `${origin}: ${reason}${note}`;
}

const NO_NEIGHBOUR = "no other program listens in the sandbox itself: an app reaches other " +
  "programs through the egress gateway only";

const LOOPBACK = /^\w+:\/\/((.+\.)?localhost|127\.[\d.]+|0\.0\.0\.0|\[::1?\])(:\d+)?$/;

/** Returns whether a program expects a server beside it, on a loopback address. */
function isAbsent(origin: string, reason: string): boolean {
  return reason.startsWith("not a public destination") && LOOPBACK.test(origin);
}

/** Returns the code of a refused connection, which Node's programs handle. */
export function codeOf(origin: string, reason: string): string {
  return isAbsent(origin, reason) ? "ECONNREFUSED" : "EACCES";
}

/** Returns the error of a refused `fetch`. The code is where programs look for it: in the cause. */
export function fetchError(origin: string, reason: string): TypeError {
  const message = refused(origin, reason);
  if (!isAbsent(origin, reason)) return new TypeError(message);
  const code = codeOf(origin, reason);
  return new TypeError(message, { cause: Object.assign(new Error(`connect ${code}`), { code }) });
}

const ADVICE = /, run again with the --allow-(\w+) flag$/;

/** Why Deno's permission lists do not contain what an app asked for. */
const REASONS: Record<string, string> = {
  read: "an app may read only /app, /data and /tmp",
  write: "an app may write only /data and /tmp",
  net: "a program that installs an app or migrates its data has no network",
  sys: "an app may not read information about the machine; take it from the appspace's config",
  run: "an app may not start programs; use a Worker, or a package in JavaScript or WebAssembly",
  ffi: "an app loads no native addon and no native library; use node:sqlite for SQLite, or a " +
    "package in JavaScript or WebAssembly",
};

/**
 * Gives the errors of Deno's permission lists a reason, in place of advice that an app cannot
 * follow, and the code that Node's programs handle. They are all made by one class, which calls the
 * constructor that is its prototype.
 */
export function explainPermissions(): void {
  const { NotCapable } = Deno.errors;
  const base = Object.getPrototypeOf(NotCapable);
  const Explained = function (message?: unknown, ...rest: unknown[]): unknown {
    const text = typeof message === "string" ? explained(message) : message;
    return Reflect.construct(base, [text, ...rest], new.target);
  };
  Object.setPrototypeOf(Explained, base);
  Object.setPrototypeOf(NotCapable, Explained);
  Object.defineProperty(NotCapable.prototype, "code", {
    value: "EACCES",
    writable: true,
    configurable: true,
  });
}

function explained(message: string): string {
  const kind = ADVICE.exec(message)?.[1] ?? "";
  if (!(kind in REASONS)) return message;
  const text = message.replace(ADVICE, `: ${REASONS[kind]}`);
  // Deno 2.9.6 returns an empty result from spawnSync, and execSync only says that it failed.
  if (kind === "run" && / spawnSync \(ext:deno_node\//.test(new Error().stack ?? "")) {
    console.error(`node:child_process: ${text}`);
  }
  if (!RELATIVE.test(message)) return text;
  return `${text}; relative paths start in ${Deno.cwd()}, and "cwd" in dropapp.json chooses /app or /data`;
}

/** Deno asks for a relative path only if its working folder exists. */
const RELATIVE = /^Requires (read|write) access to "[^/]/;
