// The app that serve_test.ts runs. Each path tests one feature.
import type { Dropserver } from "../../main/deno/dropserver.d.ts";

const steps: Record<string, (request: Request, dropserver: Dropserver) => unknown> = {
  "/": (_, dropserver) => Response.json(dropserver),
  "/url": (request) => Response.json([request.url, request.clone().url, new Request(request).url]),
  "/redirect": (request) => Response.redirect(new URL("/elsewhere", request.url)),
  "/throw": () => {
    throw new Error("a secret detail");
  },
  "/missing-file": () => Deno.readTextFile(`${import.meta.dirname}/missing.txt`),
  "/read-only": () => {
    throw Object.assign(new Error("read-only file system"), { code: "EROFS" });
  },
  "/nothing": () => undefined,
  "/reject-later": () => {
    Promise.reject(new Error("loose rejection"));
    return new Response("answered");
  },
  "/throw-later": () => {
    setTimeout(() => {
      throw new Error("loose error");
    });
    return new Response("answered");
  },
  "/slow": async () => {
    console.log("slow request arrived");
    await new Promise<void>((resolve) => Deno.addSignalListener("SIGTERM", resolve));
    return new Response("finished");
  },
  "/out": async () => {
    try {
      return await fetch("https://stats.example.net/collect?secret=1");
    } catch (error) {
      return Response.json([String(error), error instanceof TypeError]);
    }
  },
  "/socket": (request) => {
    const { socket, response } = Deno.upgradeWebSocket(request);
    socket.onmessage = (event) => socket.send(`${event.data} back`);
    return response;
  },
};

export default {
  fetch: (request: Request, dropserver: Dropserver) =>
    steps[new URL(request.url).pathname]!(request, dropserver),
};
