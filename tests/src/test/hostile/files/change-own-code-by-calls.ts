// Changes its own app files with system calls.
import { cString, pointer, syscall, type Target } from "../attack.ts";

export const layer = "namespaces";

export default function (_target: Target): string | null {
  const path = cString("/app/main.ts");
  const descriptor = syscall(2, pointer(path), 1, 0);
  return descriptor >= 0 ? "opened for writing" : null;
}
