// Plants a module in the cache that the next start uses.
import type { Target } from "../attack.ts";

export const layer = "namespaces";

export default async function (_target: Target): Promise<string | null> {
  await Deno.mkdir("/dropserver/cache/planted", { recursive: true });
  await Deno.writeTextFile("/dropserver/cache/planted/module.js", "x");
  return "planted";
}
