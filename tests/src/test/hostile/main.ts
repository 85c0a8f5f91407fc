// The app that runs attacks: one per request, named in the query.
import type { Attack, Target } from "./attack.ts";

const NAME = /^[a-z-]+\/[a-z0-9-]+$/;

export default {
  async fetch(request: Request): Promise<Response> {
    if (request.method !== "POST") return new Response("ready");
    const query = new URL(request.url).searchParams;
    if (query.has("seed")) return await leaveDiary();
    const name = query.get("attack") ?? "";
    if (!NAME.test(name)) {
      return new Response("no such attack", { status: 404 });
    }
    const target: Target = await request.json();
    try {
      const attack: { default: Attack } = await import(`./${name}.ts`);
      return Response.json({ obtained: await attack.default(target) });
    } catch (error) {
      return Response.json({
        obtained: null,
        stopped: String(error).slice(0, 300),
      });
    }
  },
};

/** Writes a diary wherever an app can leave data for the next appspace to find. */
async function leaveDiary(): Promise<Response> {
  const diary = "dear diary";
  const places = [
    () => localStorage.setItem("diary", diary),
    async () =>
      (await caches.open("diary")).put(
        "http://diary.invalid/",
        new Response(diary),
      ),
    () => Deno.writeTextFile("/tmp/diary.txt", diary),
    () => Deno.writeTextFile("/dev/shm/diary.txt", diary),
  ];
  for (const leave of places) {
    try {
      await leave();
    } catch {
      // Some places do not exist or are not writable.
    }
  }
  return new Response(diary);
}
