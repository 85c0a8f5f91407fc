// Lifts its own memory limit in the cgroup file system.
import { cString, pointer, syscall, type Target } from "../attack.ts";

export const layer = "namespaces";

export default function (_target: Target): string | null {
  for (
    const file of [
      "/sys/fs/cgroup/memory/memory.limit_in_bytes",
      "/sys/fs/cgroup/memory.max",
      "/sys/fs/cgroup/cgroup.procs",
    ]
  ) {
    const path = cString(file);
    if (syscall(2, pointer(path), 1, 0) >= 0) {
      return `opened ${file} for writing`;
    }
  }
  return null;
}
