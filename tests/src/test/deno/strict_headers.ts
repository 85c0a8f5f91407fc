// The example's apps on one loopback port, told apart by host name, under the headers that the front
// door sets: `<app>.dropserver.localhost` is an app, `dropserver.localhost/<app>` a page that frames it.
// strict_headers.ts APPS_FOLDER   works in the current folder, prints its port, ends with its input

type Handler = (request: Request, dropserver?: unknown) => Promise<Response>;

const apps = ["journal-1.1.0", "recipes", "shopping"];
const handlers = new Map<string, Handler>();
const realServe = Deno.serve;

for (const app of apps) {
  const host = `${app.split("-")[0]}.dropserver.localhost`;
  // A program that serves by itself hands its handler over here.
  Object.assign(Deno, { serve: (handler: Handler) => handlers.set(host, handler) });
  const module = await import(new URL(`${app}/main.ts`, `file://${Deno.args[0]}/`).href);
  if (module.default) handlers.set(host, module.default.fetch);
}

const server = realServe({ port: 0, hostname: "127.0.0.1", onListen() {} }, async (request) => {
  const { hostname, port, pathname } = new URL(request.url);
  const handler = handlers.get(hostname);
  const origin = (host: string) => `http://${host}:${port}`;
  if (!handler) {
    const src = origin(`${pathname.slice(1)}.dropserver.localhost`);
    const sandbox = "allow-scripts allow-same-origin allow-forms allow-downloads allow-modals";
    const page = `<!DOCTYPE html><title>Shell</title><iframe sandbox="${sandbox}" src="${src}">`;
    return new Response(page, {
      headers: {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": `default-src 'none'; frame-src ${src}`,
      },
    });
  }
  const appspace = { name: hostname.split(".")[0], url: origin(hostname) };
  const config = { GUESTS: hostname.startsWith("journal") ? "write" : "edit" };
  const response = await handler(request, { user: null, appspace, config });
  if (response.status === 101) return response;
  for (const [name, value] of strictHeaders(origin("dropserver.localhost"))) {
    response.headers.set(name, value);
  }
  return response;
});

console.log(server.addr.port);
await Deno.stdin.readable.pipeTo(new WritableStream());
Deno.exit();

function strictHeaders(shell: string): [string, string][] {
  const policy = [
    ["default-src 'none'", "script-src 'self' 'wasm-unsafe-eval'", "style-src 'self'"],
    ["img-src 'self' data: blob:", "font-src 'self'", "media-src 'self' blob:"],
    ["connect-src 'self'", "worker-src 'self'", "manifest-src 'self'", "form-action 'self'"],
    ["base-uri 'none'", "object-src 'none'", "frame-src 'self'"],
    [`frame-ancestors 'self' ${shell}`],
  ];
  return [
    ["content-security-policy", policy.flat().join("; ")],
    ["cross-origin-opener-policy", "same-origin"],
    ["cross-origin-resource-policy", "same-origin"],
    ["cross-origin-embedder-policy", "require-corp"],
    ["connection-allowlist", "(response-origin);redirects=allow"],
    ["referrer-policy", "same-origin"],
    ["x-content-type-options", "nosniff"],
  ];
}
