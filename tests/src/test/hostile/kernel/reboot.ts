// Reboots the machine.
import { syscall, type Target } from "../attack.ts";

export const layer = "seccomp";
export const control = false;

export default function (_target: Target): string | null {
  return syscall(169, 0xfee1deadn, 672274793, 0, 0) === 0 ? "succeeded" : null;
}
