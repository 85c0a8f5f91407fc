// Takes a mount away to see what lies under it.
import { cString, pointer, syscall, type Target } from "../attack.ts";

export const layer = "namespaces";

export default function (_target: Target): string | null {
  const path = cString("/app");
  return syscall(166, pointer(path), 2) === 0 ? "unmounted" : null;
}
