// Reads a file of the host by its path.
import type { Target } from "../attack.ts";

export const layer = "namespaces";

export default async function (target: Target): Promise<string | null> {
  return await Deno.readTextFile(target.hostFile);
}
