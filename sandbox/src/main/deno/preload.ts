// Runs before every app, in the app's own realm: it is a convenience for honest apps and no wall.
// The walls are outside of this process. Whatever stands here is paid by each cold start.

/**
 * Behind a Unix socket Deno says `http+unix://…`, and redirects and links that an app builds on it
 * would lead nowhere. This getter makes `request.url` the address that people see.
 */
export function publishRequestUrl(publicUrl: string): void {
  const property = Object.getOwnPropertyDescriptor(Request.prototype, "url")!;
  const original = property.get as (this: Request) => string;
  Object.defineProperty(Request.prototype, "url", {
    ...property,
    get(this: Request): string {
      const url = original.call(this);
      if (!url.startsWith("http+unix://")) return url;
      return publicUrl + url.slice(url.indexOf("/", "http+unix://".length));
    },
  });
}

/**
 * Makes a refused destination what the Fetch standard calls a network error, a rejected promise with
 * a `TypeError`, that says which one and why. Libraries expect just that and retry or report it.
 */
export function explainRefusals(): void {
  const original = globalThis.fetch;
  const fetch = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    try {
      return await original(input, init);
    } catch (cause) {
      if (!(cause instanceof Deno.errors.NotCapable)) throw cause;
      throw new TypeError(`${destination(input)} is not whitelisted: ${cause.message}`, { cause });
    }
  };
  Object.defineProperty(globalThis, "fetch", {
    value: fetch,
    writable: true,
    enumerable: true,
    configurable: true,
  });
}

/** Without path and query: these may hold a secret, and errors end up in logs. */
function destination(input: RequestInfo | URL): string {
  const url = new URL(input instanceof Request ? input.url : input);
  return url.host === "" ? url.protocol : url.origin;
}

/** Read at once: each variable by itself would be a question to the permission broker. */
export const environment: Readonly<Record<string, string>> = Deno.env.toObject();

const publicUrl = environment.DROPSERVER_URL;
if (publicUrl !== undefined) publishRequestUrl(publicUrl);
explainRefusals();
