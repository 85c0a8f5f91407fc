// Takes a descriptor of a host process (pidfd_getfd).
import { syscall, type Target } from "../attack.ts";

export const layer = "namespaces";

export default function (target: Target): string | null {
  const process = syscall(434, target.pid, 0);
  if (process < 0) return null;
  return syscall(438, process, 0, 0) >= 0 ? "taken" : null;
}
