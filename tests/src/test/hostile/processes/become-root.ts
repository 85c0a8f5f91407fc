// Becomes root (setuid).
import { syscall, type Target } from "../attack.ts";

export const layer = "uid";

export default function (_target: Target): string | null {
  if (syscall(105, 0) !== 0) return null;
  return `user ${syscall(107)}`;
}
