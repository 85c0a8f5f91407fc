// Turns on swapping to a file of its own.
import { cString, pointer, syscall, type Target } from "../attack.ts";

export const layer = "seccomp";

export default function (_target: Target): string | null {
  const path = cString("/data/swap");
  return syscall(167, pointer(path), 0) === 0 ? "succeeded" : null;
}
