// Fills /tmp, which is memory, beyond the memory limit.
import type { Target } from "../attack.ts";

export const layer = "cgroup";

export default async function (_target: Target): Promise<string | null> {
  const piece = new Uint8Array(1 << 20).fill(7);
  for (let i = 0; i < 600; i++) await Deno.writeFile(`/tmp/fill-${i}`, piece);
  return "600 MiB";
}
