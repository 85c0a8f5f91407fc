// Takes access to input and output ports.
import { syscall, type Target } from "../attack.ts";

export const layer = "seccomp";

export default function (_target: Target): string | null {
  return syscall(172, 3) === 0 ? "succeeded" : null;
}
