// Opens a Bluetooth socket.
import { syscall, type Target } from "../attack.ts";

export const layer = "seccomp";
// Debian's cloud kernel has no Bluetooth.
export const control = false;

export default function (_target: Target): string | null {
  return syscall(41, 31, 3, 1) >= 0 ? "opened" : null;
}
