// Makes a user namespace to be root in (clone; a process with threads cannot unshare).
import { syscall, type Target } from "../attack.ts";

export const layer = "namespaces";

export default function (_target: Target): string | null {
  const child = syscall(56, 0x10000011, 0, 0, 0, 0);
  if (child === 0) syscall(231, 0);
  return child > 0 ? "succeeded" : null;
}
