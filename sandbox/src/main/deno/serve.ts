import type {
  Dropserver,
  DropserverApp,
  DropserverContext,
  DropserverUser,
} from "./dropserver.d.ts";

/** The values that are the same for every request of this process. */
export type Surroundings = Omit<Dropserver, "user">;

/** The functions that call the host. */
type HostFunctions = Omit<Surroundings, "appspace" | "config">;

/** @param env reads an environment variable */
export function surroundings(
  env: (name: string) => string | undefined,
  functions: HostFunctions,
): Surroundings {
  return Object.freeze({
    appspace: Object.freeze({
      name: env("DROPSERVER_APPSPACE") ?? "",
      url: env("DROPSERVER_URL") ?? "",
    }),
    config: Object.freeze(JSON.parse(env("DROPSERVER_CONFIG") ?? "{}")),
    ...functions,
  });
}

/**
 * Returns the user of a request. The reverse proxy removes these headers from client requests, so
 * their values come from the host.
 */
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

/**
 * Header values are Latin-1, but names are not: the reverse proxy sends names as percent-encoded
 * UTF-8.
 */
function decodeName(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}

/**
 * Imports the app. Its default export has a fetch function, or is one.
 *
 * @param entrypoint the module's URL
 */
export async function load(entrypoint: URL): Promise<DropserverApp> {
  const app = (await import(entrypoint.href)).default;
  if (typeof app?.fetch === "function") return app;
  if (typeof app !== "function") {
    throw new TypeError(
      `${entrypoint.pathname} has no default export that is, or has, a fetch function; ` +
        `a program that calls Deno.serve by itself needs "runtime": "serve" in dropapp.json`,
    );
  }
  return { fetch: app };
}

/**
 * Serves the app on a Unix socket until SIGTERM. Then it accepts no new connections, finishes
 * requests in flight and ends the process with status 0.
 */
export function serve(app: DropserverApp, shared: Surroundings, socket: string): void {
  const context: DropserverContext = Object.freeze({
    waitUntil: shared.keepAwake,
    passThroughOnException() {},
  });
  const answer = async (request: Request): Promise<Response> => {
    try {
      const user = userOf(request.headers);
      const response = await app.fetch(request, { ...shared.config, ...shared, user }, context);
      if (response instanceof Response) return response;
      throw new TypeError(`fetch returned ${describe(response)}, not a Response`);
    } catch (error) {
      console.error(`${request.method} ${new URL(request.url).pathname} failed:`, error);
      const code = Reflect.get(Object(error), "code");
      if (error instanceof Deno.errors.NotFound || code === "ENOENT" || code === "EROFS") {
        console.error(
          `Relative paths start in ${Deno.cwd()}; "cwd" in dropapp.json chooses /app or /data.`,
        );
      }
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
 * Logs errors outside a request handler, or after its response, so that they do not end the
 * process. Before the app serves, the same errors end the process.
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
