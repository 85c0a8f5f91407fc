// Loads a kernel module.
import { cString, pointer, syscall, type Target } from "../attack.ts";

export const layer = "seccomp";

export default function (_target: Target): string | null {
  const options = cString("");
  return syscall(313, 0, pointer(options), 0) === 0 ? "succeeded" : null;
}
