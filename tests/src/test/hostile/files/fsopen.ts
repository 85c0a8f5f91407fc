// Opens a file system context (fsopen).
import { cString, pointer, syscall, type Target } from "../attack.ts";

export const layer = "seccomp";

export default function (_target: Target): string | null {
  const type = cString("tmpfs");
  return syscall(430, pointer(type), 0) >= 0 ? "opened" : null;
}
