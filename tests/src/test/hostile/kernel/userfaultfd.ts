// Catches page faults in user space, the helper of kernel exploits.
import { syscall, type Target } from "../attack.ts";

export const layer = "seccomp";

export default function (_target: Target): string | null {
  return syscall(323, 1) >= 0 ? "succeeded" : null;
}
