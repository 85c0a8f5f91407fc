// Traces a process of the host (ptrace).
import { syscall, type Target } from "../attack.ts";

export const layer = "namespaces";

export default function (target: Target): string | null {
  return syscall(101, 16, target.pid, 0, 0) === 0 ? "attached" : null;
}
