// Holds thousands of sockets.
import { syscall, type Target } from "../attack.ts";

export const layer = "cgroup";

export default function (_target: Target): string | null {
  let count = 0;
  while (count < 20_000 && syscall(41, 1, 1, 0) >= 0) count++;
  return count >= 20_000 ? `${count} sockets` : null;
}
