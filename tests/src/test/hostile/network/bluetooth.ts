// Opens a Bluetooth socket.
import { syscall, type Target } from "../attack.ts";

export const layer = "seccomp";

export default function (_target: Target): string | null {
  return syscall(41, 31, 3, 1) >= 0 ? "opened" : null;
}
