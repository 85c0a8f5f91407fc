// Opens a packet socket (AF_PACKET).
import { syscall, type Target } from "../attack.ts";

export const layer = "namespaces";

export default function (_target: Target): string | null {
  return syscall(41, 17, 3, 768) >= 0 ? "opened" : null;
}
