// Writes to the root folder.
import type { Target } from "../attack.ts";

export const layer = "namespaces";

export default async function (_target: Target): Promise<string | null> {
  await Deno.writeTextFile("/left-by-attack", "x");
  return "written";
}
