// Locks memory that the machine then cannot use (mlockall).
import { pointer, syscall, type Target } from "../attack.ts";

export const layer = "cgroup";

export default function (_target: Target): string | null {
  const big = new Uint8Array(256 << 20).fill(1);
  return syscall(149, pointer(big), 256 << 20) === 0 ? "256 MiB locked" : null;
}
