// Hides memory in anonymous files (memfd_create).
import { cString, pointer, syscall, type Target } from "../attack.ts";

export const layer = "cgroup";

export default function (_target: Target): string | null {
  const name = cString("fill");
  const piece = new Uint8Array(1 << 20).fill(7);
  for (let i = 0; i < 600; i++) {
    const descriptor = syscall(319, pointer(name), 0);
    if (syscall(1, descriptor, pointer(piece), piece.length) < 0) return null;
  }
  return "600 MiB";
}
