// Ends a process of the host.
import { syscall, type Target } from "../attack.ts";

export const layer = "namespaces";

export default function (target: Target): string | null {
  return syscall(62, target.pid, 15) === 0 ? "signalled" : null;
}
