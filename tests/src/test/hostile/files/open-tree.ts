// Takes a copy of the mount tree (open_tree).
import { cString, pointer, syscall, type Target } from "../attack.ts";

export const layer = "seccomp";

export default function (_target: Target): string | null {
  const path = cString("/");
  const descriptor = syscall(428, -100, pointer(path), 1);
  return descriptor >= 0 ? "has the tree" : null;
}
