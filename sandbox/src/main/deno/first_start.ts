// Starts an app version once during its installation: to fill the code cache, to detect how the app
// is run, and to check that it answers. The installer reads the exit status. An app that fakes the
// status affects only its own installation.
const FETCH = 40;
const SERVE = 41;
const SILENT = 42;
const FAILED = 43;
const UNANSWERED = 44;
const UNSTARTED = 45;

const SOCKET = "/run/app/app.sock";
const TIMEOUT_MS = Number(Deno.env.get("DROPSERVER_SELF_CHECK_MS"));

const entrypoint = new URL(Deno.env.get("DROPSERVER_ENTRYPOINT")!, "file:///app/").href;
const declared = Deno.env.get("DROPSERVER_RUNTIME");

/** Whether the app's modules were evaluated. Stays false for the program of a package. */
let loaded = false;

/** Whether a connection to the app's socket was accepted. */
let listening = false;

/** Returns whether the app responds to an HTTP request on its socket. */
async function answers(): Promise<boolean> {
  try {
    using connection = await Deno.connect({ transport: "unix", path: SOCKET });
    listening = true;
    const request = "GET / HTTP/1.1\r\nHost: self-check.invalid\r\nConnection: close\r\n\r\n";
    await connection.write(new TextEncoder().encode(request));
    let start = "";
    const chunk = new Uint8Array(12);
    while (start.length < chunk.length) {
      const length = await connection.read(chunk);
      if (length === null) break;
      start += new TextDecoder().decode(chunk.subarray(0, length));
    }
    if (!start.startsWith("HTTP/1.")) return false;
    // The installer reads this line from the output.
    console.error("dropserver: GET / answered " + start.slice(9, 12));
    return true;
  } catch {
    return false;
  }
}

/** Ends the process if the app does not answer in time, even if it accepted a request. */
async function untilItAnswers(): Promise<void> {
  setTimeout(
    () => Deno.exit(listening ? UNANSWERED : loaded ? SILENT : UNSTARTED),
    TIMEOUT_MS,
  );
  while (!await answers()) {
    await new Promise((wake) => setTimeout(wake, 10));
  }
}

/**
 * Loads the app, and serves it if it exports a handler. Rejects if the app cannot be loaded. May
 * never resolve for a program that calls Deno.serve itself, because its evaluation may not finish.
 */
async function load(): Promise<void> {
  const app = await import(entrypoint);
  loaded = true;
  const exported = typeof app.default?.fetch === "function";
  if (declared === "serve" || (!exported && declared !== "fetch")) return;
  status = FETCH;
  await import("./main.ts");
}

let status = SERVE;
if (import.meta.main) {
  try {
    await Promise.race([untilItAnswers(), load().then(() => new Promise<never>(() => {}))]);
    Deno.exit(status);
  } catch (error) {
    console.error(error);
    Deno.exit(FAILED);
  }
} else {
  // The program of a package is the main module, and this file is loaded before it. Deno loads the
  // main module once this file has no pending work that would keep the process alive.
  Deno.unrefTimer(setTimeout(() => untilItAnswers().then(() => Deno.exit(status)), 10));
}
