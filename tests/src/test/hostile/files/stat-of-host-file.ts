// Learns size and owner of a file of the host (CVE-2025-61786).
import type { Target } from "../attack.ts";

export const layer = "namespaces";

export default async function (target: Target): Promise<string | null> {
  const info = await Deno.stat(target.hostFile);
  return `size ${info.size}`;
}
