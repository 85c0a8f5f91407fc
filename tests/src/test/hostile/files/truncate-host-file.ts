// Empties a file of the host.
import type { Target } from "../attack.ts";

export const layer = "namespaces";

export default async function (target: Target): Promise<string | null> {
  await Deno.truncate(target.hostFile);
  return "emptied";
}
