// Changes its root (pivot_root).
import { cString, pointer, syscall, type Target } from "../attack.ts";

export const layer = "namespaces";

export default function (_target: Target): string | null {
  const path = cString("/data");
  return syscall(155, pointer(path), pointer(path)) === 0 ? "pivoted" : null;
}
