// Turns off address randomisation for its children (personality).
import { syscall, type Target } from "../attack.ts";

export const layer = "seccomp";

export default function (_target: Target): string | null {
  return syscall(135, 0x0040000) >= 0 ? "succeeded" : null;
}
