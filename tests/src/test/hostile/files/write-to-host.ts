// Leaves a file in a folder of the host that all may write.
import type { Target } from "../attack.ts";

export const layer = "namespaces";

export default async function (target: Target): Promise<string | null> {
  await Deno.writeTextFile(`${target.hostFolder}/left-by-attack`, "x");
  return "written";
}
