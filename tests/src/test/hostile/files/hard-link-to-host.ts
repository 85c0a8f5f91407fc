// Makes a hard link to a file of the host.
import type { Target } from "../attack.ts";

export const layer = "namespaces";

export default async function (target: Target): Promise<string | null> {
  await Deno.link(target.hostFile, "/data/hard-link");
  return await Deno.readTextFile("/data/hard-link");
}
