// Fills array buffers beyond the memory limit; V8's heap limit does not count them.
import type { Target } from "../attack.ts";

export const layer = "cgroup";

export default function (_target: Target): string | null {
  const held: Uint8Array[] = [];
  for (let i = 0; i < 600; i++) held.push(new Uint8Array(1 << 20).fill(i));
  return `${held.length} MiB`;
}
