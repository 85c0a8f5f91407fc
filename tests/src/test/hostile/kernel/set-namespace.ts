// Enters a namespace of process 1 (setns) of a kind that a process with threads may change.
import { cString, pointer, syscall, type Target } from "../attack.ts";

export const layer = "namespaces";

export default function (_target: Target): string | null {
  const path = cString("/proc/1/ns/uts");
  const descriptor = syscall(2, pointer(path), 0, 0);
  return descriptor >= 0 && syscall(308, descriptor, 0) === 0
    ? "succeeded"
    : null;
}
