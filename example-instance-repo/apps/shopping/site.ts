import { type List } from "./list.ts";
import { listPage, listPart } from "./pages.ts";
import icon from "./icon.svg" with { type: "text" };
import script from "./script.js" with { type: "text" };
import style from "./style.css" with { type: "text" };

/** Pages name these files with the app's version, so browsers may keep them. */
const files: Record<string, [type: string, content: string]> = {
  "/icon.svg": ["image/svg+xml", icon],
  "/script.js": ["text/javascript; charset=utf-8", script],
  "/style.css": ["text/css; charset=utf-8", style],
};

interface Visitor {
  readonly name: string;
  readonly mayEdit: boolean;
}

/** The pages, and a WebSocket for each open one that tells it of every change. */
export class Site {
  readonly #list: List;
  readonly #guestsMayEdit: boolean;
  readonly #open = new Map<WebSocket, Visitor>();

  constructor(list: List, guestsMayEdit: boolean) {
    this.#list = list;
    this.#guestsMayEdit = guestsMayEdit;
  }

  async answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    const file = files[pathname];
    if (file) return answerFile(...file);

    const visitor = this.#visitor(request.headers);
    if (pathname === "/live") return this.#connect(request, visitor);
    if (pathname === "/" && (request.method === "GET" || request.method === "HEAD")) {
      const page = listPage(this.#list, visitor.mayEdit).text;
      const headers = { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" };
      return new Response(page, { headers });
    }
    if (request.method !== "POST") return plain("Not found", 404);
    if (!visitor.mayEdit) return plain("You may look here, but not change.", 403);
    if (!this.#change(pathname, await request.formData(), visitor)) return plain("Not found", 404);
    this.#tellAll();
    return new Response(null, { status: 303, headers: { location: "/" } });
  }

  /** Dropserver says who asks in these headers, and removes them from what a client sent. */
  #visitor(headers: Headers): Visitor {
    if (!headers.has("dropserver-user-id")) return { name: "", mayEdit: this.#guestsMayEdit };
    const permissions = headers.get("dropserver-permissions") ?? "";
    return {
      name: decodeURIComponent(headers.get("dropserver-user-name") ?? ""),
      mayEdit: permissions.split(",").map((it) => it.trim()).includes("edit"),
    };
  }

  #change(path: string, form: FormData, { name: by }: Visitor): boolean {
    const id = Number(form.get("id"));
    switch (path) {
      case "/add": {
        const name = String(form.get("name") ?? "").replace(/\s+/g, " ").trim().slice(0, 80);
        if (name !== "") this.#list.add(name, by);
        return true;
      }
      case "/tick":
        this.#list.tick(id, form.get("ticked") === "yes");
        return true;
      case "/remove":
        this.#list.remove(id);
        return true;
      case "/clear":
        this.#list.clearTicked();
        return true;
      default:
        return false;
    }
  }

  #connect(request: Request, visitor: Visitor): Response {
    if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") {
      return plain("This address speaks WebSocket.", 426);
    }
    const { socket, response } = Deno.upgradeWebSocket(request);
    socket.onopen = () => {
      this.#open.set(socket, visitor);
      this.#tellAll();
    };
    socket.onclose = () => {
      this.#open.delete(socket);
      this.#tellAll();
    };
    return response;
  }

  #tellAll(): void {
    const people = this.#open.size;
    for (const [socket, { mayEdit }] of this.#open) {
      if (socket.readyState !== WebSocket.OPEN) continue;
      socket.send(JSON.stringify({ people, list: listPart(this.#list, mayEdit).text }));
    }
  }
}

function plain(text: string, status: number): Response {
  return new Response(`${text}\n`, { status });
}

function answerFile(type: string, content: string): Response {
  const headers = { "content-type": type, "cache-control": "private, max-age=31536000, immutable" };
  return new Response(content, { headers });
}
