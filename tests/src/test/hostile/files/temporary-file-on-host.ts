// Makes a temporary file in a folder of the host (CVE-2025-61785 checked too little there).
import type { Target } from "../attack.ts";

export const layer = "namespaces";

export default async function (target: Target): Promise<string | null> {
  return await Deno.makeTempFile({ dir: target.hostFolder });
}
