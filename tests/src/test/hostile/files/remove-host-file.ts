// Removes a folder of the host.
import type { Target } from "../attack.ts";

export const layer = "namespaces";

export default async function (target: Target): Promise<string | null> {
  await Deno.remove(target.hostFolder, { recursive: true });
  return "removed";
}
