// Traces the process that started it (ptrace).
import { syscall, type Target } from "../attack.ts";

export const layer = "seccomp";

export default function (_target: Target): string | null {
  return syscall(101, 16, Deno.ppid, 0, 0) === 0 ? "attached" : null;
}
