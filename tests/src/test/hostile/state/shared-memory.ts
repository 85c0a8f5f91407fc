// Reads what another appspace left in shared memory.
import type { Target } from "../attack.ts";

export const layer = "namespaces";

export default function (_target: Target): string | null {
  const files = [...Deno.readDirSync("/dev/shm")].map((entry) => entry.name);
  return files.join(" ") || null;
}
