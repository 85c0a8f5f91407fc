import type { Dropserver, DropserverApp, DropserverUser } from "./dropserver.d.ts";

/** What is the same for every request of this process. */
export type Surroundings = Pick<Dropserver, "appspace" | "config" | "requestEgress">;

/** @param env reads an environment variable */
export function surroundings(
  env: (name: string) => string | undefined,
  requestEgress: Dropserver["requestEgress"],
): Surroundings {
  return Object.freeze({
    appspace: Object.freeze({
      name: env("DROPSERVER_APPSPACE") ?? "",
      url: env("DROPSERVER_URL") ?? "",
    }),
    config: Object.freeze(JSON.parse(env("DROPSERVER_CONFIG") ?? "{}")),
    requestEgress,
  });
}

/** The front door removes these headers from what a client sent, so they are the host's word. */
export function userOf(headers: Headers): DropserverUser | null {
  const id = headers.get("dropserver-user-id");
  if (id === null) return null;
  const permissions = headers.get("dropserver-permissions") ?? "";
  return {
    id,
    name: decodeName(headers.get("dropserver-user-name") ?? ""),
    permissions: permissions.split(",").map((name) => name.trim()).filter((name) => name !== ""),
  };
}

/** Headers are Latin-1, names are not: the front door sends them percent-encoded as UTF-8. */
function decodeName(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}

/**
 * Imports the app, without which the process ends with an error.
 *
 * @param entrypoint the module's URL
 */
export async function load(entrypoint: URL): Promise<DropserverApp> {
  const app = (await import(entrypoint.href)).default;
  if (typeof app?.fetch !== "function") {
    throw new TypeError(
      `${entrypoint.pathname} has no default export with a fetch function; ` +
        `a program that calls Deno.serve by itself needs "runtime": "serve" in dropapp.json`,
    );
  }
  return app;
}

/**
 * Serves the app on a Unix socket until SIGTERM. Then it accepts nothing new, finishes the requests
 * that it has and ends the process with 0.
 */
export function serve(app: DropserverApp, shared: Surroundings, socket: string): void {
  const answer = async (request: Request): Promise<Response> => {
    try {
      const user = userOf(request.headers);
      const response = await app.fetch(request, { ...shared, user });
      if (response instanceof Response) return response;
      throw new TypeError(`fetch returned ${describe(response)}, not a Response`);
    } catch (error) {
      console.error(`${request.method} ${new URL(request.url).pathname} failed:`, error);
      return new Response("The app failed to answer.\n", {
        status: 500,
        headers: { "content-type": "text/plain; charset=utf-8" },
      });
    }
  };
  const server = Deno.serve({ path: socket, onListen() {} }, answer);
  surviveLooseErrors();
  Deno.addSignalListener("SIGTERM", async () => {
    await server.shutdown();
    Deno.exit(0);
  });
}

/**
 * What fails after its request was answered, or beside it, concerns that request alone: it is logged
 * and the others go on. Before the app serves, the same error ends the process.
 */
function surviveLooseErrors(): void {
  addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    console.error("Unhandled rejection:", event.reason);
  });
  addEventListener("error", (event) => {
    event.preventDefault();
    console.error("Uncaught error:", event.error);
  });
}

function describe(value: unknown): string {
  return value === null || typeof value !== "object" ? String(value) : "an object";
}
