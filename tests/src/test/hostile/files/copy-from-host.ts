// Copies a file of the host into its data.
import type { Target } from "../attack.ts";

export const layer = "namespaces";

export default async function (target: Target): Promise<string | null> {
  await Deno.copyFile(target.hostFile, "/data/copied");
  return await Deno.readTextFile("/data/copied");
}
