// Becomes the user of another appspace (setresuid).
import { syscall, type Target } from "../attack.ts";

export const layer = "namespaces";

export default function (_target: Target): string | null {
  return syscall(117, 200_001, 200_001, 200_001) === 0 ? "changed" : null;
}
