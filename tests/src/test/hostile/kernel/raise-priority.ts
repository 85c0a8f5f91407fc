// Raises its own priority.
import { syscall, type Target } from "../attack.ts";

export const layer = "namespaces";
export const judge = "host";

export default function (_target: Target): string | null {
  return syscall(141, 0, 0, -20) === 0 ? "succeeded" : null;
}
