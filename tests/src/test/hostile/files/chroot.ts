// Changes its root (chroot).
import { cString, pointer, syscall, type Target } from "../attack.ts";

export const layer = "namespaces";

export default function (_target: Target): string | null {
  const path = cString("/data");
  return syscall(161, pointer(path)) === 0 ? "changed" : null;
}
