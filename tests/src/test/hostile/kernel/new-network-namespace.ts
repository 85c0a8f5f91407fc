// Makes a user and a network namespace (unshare).
import { syscall, type Target } from "../attack.ts";

export const layer = "namespaces";

export default function (_target: Target): string | null {
  return syscall(272, 0x50000000) === 0 ? "succeeded" : null;
}
