// Reads the kernel's log (syslog).
import { pointer, syscall, type Target } from "../attack.ts";

export const layer = "seccomp";

export default function (_target: Target): string | null {
  const buffer = new Uint8Array(4096);
  return syscall(103, 3, pointer(buffer), 4096) > 0 ? "read" : null;
}
