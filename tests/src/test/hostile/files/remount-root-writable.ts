// Remounts the root writable.
import { cString, pointer, syscall, type Target } from "../attack.ts";

export const layer = "namespaces";

export default function (_target: Target): string | null {
  const path = cString("/");
  return syscall(165, 0, pointer(path), 0, 0x20, 0) === 0 ? "remounted" : null;
}
