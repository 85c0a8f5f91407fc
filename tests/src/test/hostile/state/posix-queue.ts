// Opens a POSIX message queue of the host.
import { cString, pointer, syscall, type Target } from "../attack.ts";

export const layer = "namespaces";

export default function (_target: Target): string | null {
  const name = cString("dropserver-attack");
  return syscall(240, pointer(name), 0, 0, 0) >= 0 ? "opened" : null;
}
