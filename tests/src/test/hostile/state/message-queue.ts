// Opens a System V message queue of the host.
import { syscall, type Target } from "../attack.ts";

export const layer = "namespaces";

export default function (_target: Target): string | null {
  return syscall(68, 0x64726f70, 0) >= 0 ? "opened" : null;
}
