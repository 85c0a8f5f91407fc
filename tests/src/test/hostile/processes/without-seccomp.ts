// Runs without a system call filter.
import { readByCalls, type Target } from "../attack.ts";

export const layer = "seccomp";

export default function (_target: Target): string | null {
  const status = readByCalls("/proc/self/status");
  return /Seccomp:\s*0/.test(status) ? "no filter" : null;
}
