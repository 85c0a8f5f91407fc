// Leaves a file in a world-writable folder of the host.
import type { Target } from "../attack.ts";

export const layer = "namespaces";

export default async function (target: Target): Promise<string | null> {
  await Deno.writeTextFile(`${target.hostFolder}/left-by-attack`, "x");
  return "written";
}
