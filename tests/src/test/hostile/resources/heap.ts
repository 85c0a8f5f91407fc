// Fills the JavaScript heap beyond the memory limit.
import type { Target } from "../attack.ts";

export const layer = "cgroup";

export default function (_target: Target): string | null {
  const held: unknown[] = [];
  while (held.length < 4_000_000) {
    held.push({ a: held.length, b: [held.length] });
  }
  return `${held.length} objects`;
}
