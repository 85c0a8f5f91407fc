// Remounts its app files writable.
import { cString, pointer, syscall, type Target } from "../attack.ts";

export const layer = "namespaces";

export default function (_target: Target): string | null {
  const path = cString("/app");
  return syscall(165, 0, pointer(path), 0, 0x20 | 0x1000, 0) === 0
    ? "remounted"
    : null;
}
