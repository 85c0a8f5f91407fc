// Opens the kernel's cryptography, a large surface (AF_ALG).
import { syscall, type Target } from "../attack.ts";

export const layer = "seccomp";

export default function (_target: Target): string | null {
  return syscall(41, 38, 5, 0) >= 0 ? "opened" : null;
}
