// Moves a file of the host into its data.
import type { Target } from "../attack.ts";

export const layer = "namespaces";

export default async function (target: Target): Promise<string | null> {
  await Deno.rename(target.hostFile, "/data/moved");
  return await Deno.readTextFile("/data/moved");
}
