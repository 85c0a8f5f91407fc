// Changes the host's own code that runs in every sandbox.
import type { Target } from "../attack.ts";

export const layer = "namespaces";

export default async function (_target: Target): Promise<string | null> {
  await Deno.writeTextFile("/dropserver/runtime/preload.ts", "");
  return "changed";
}
