// Makes a user and a network namespace (clone; a process with threads cannot unshare).
import { syscall, type Target } from "../attack.ts";

export const layer = "namespaces";

export default function (_target: Target): string | null {
  const child = syscall(56, 0x50000011, 0, 0, 0, 0);
  if (child === 0) syscall(231, 0);
  return child > 0 ? "succeeded" : null;
}
