// Talks to the kernel's routing (AF_NETLINK).
import { syscall, type Target } from "../attack.ts";

export const layer = "seccomp";

export default function (_target: Target): string | null {
  return syscall(41, 16, 3, 0) >= 0 ? "opened" : null;
}
