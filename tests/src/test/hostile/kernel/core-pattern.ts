// Names a program that the host runs as root at the next crash (core_pattern).
import { cString, pointer, syscall, type Target } from "../attack.ts";

export const layer = "uid";

export default function (_target: Target): string | null {
  const path = cString("/proc/sys/kernel/core_pattern");
  const descriptor = syscall(2, pointer(path), 1, 0);
  return descriptor >= 0 ? "opened for writing" : null;
}
