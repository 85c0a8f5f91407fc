// Holds thousands of sockets.
import { repeat, type Target } from "../attack.ts";

export const layer = "cgroup";

export default function (_target: Target): string | null {
  const count = repeat(20_000, 41, 1, 1, 0);
  return count >= 20_000 ? `${count} sockets` : null;
}
