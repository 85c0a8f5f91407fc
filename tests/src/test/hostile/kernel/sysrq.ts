// Asks the kernel to do something to the machine.
import { cString, pointer, syscall, type Target } from "../attack.ts";

export const layer = "uid";

export default function (_target: Target): string | null {
  const path = cString("/proc/sysrq-trigger");
  return syscall(2, pointer(path), 1, 0) >= 0 ? "opened for writing" : null;
}
