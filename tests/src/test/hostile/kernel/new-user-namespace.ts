// Makes a user namespace to be root in (unshare).
import { syscall, type Target } from "../attack.ts";

export const layer = "namespaces";

export default function (_target: Target): string | null {
  return syscall(272, 0x10000000) === 0 ? "succeeded" : null;
}
