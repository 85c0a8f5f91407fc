// Writes below /sys.
import { cString, pointer, syscall, type Target } from "../attack.ts";

export const layer = "namespaces";

export default function (_target: Target): string | null {
  const path = cString("/sys/kernel/mm/transparent_hugepage/enabled");
  return syscall(2, pointer(path), 1, 0) >= 0 ? "opened for writing" : null;
}
