// Opens a raw socket.
import { syscall, type Target } from "../attack.ts";

export const layer = "namespaces";

export default function (_target: Target): string | null {
  return syscall(41, 2, 3, 1) >= 0 ? "opened" : null;
}
