// Makes a mount namespace (unshare).
import { syscall, type Target } from "../attack.ts";

export const layer = "namespaces";

export default function (_target: Target): string | null {
  return syscall(272, 0x00020000) === 0 ? "succeeded" : null;
}
