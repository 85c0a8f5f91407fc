// Mounts a file system of its own.
import { cString, pointer, syscall, type Target } from "../attack.ts";

export const layer = "namespaces";

export default function (_target: Target): string | null {
  const type = cString("tmpfs");
  const where = cString("/tmp");
  return syscall(165, pointer(type), pointer(where), pointer(type), 0, 0) === 0
    ? "mounted"
    : null;
}
