// Changes the host's name.
import { cString, pointer, syscall, type Target } from "../attack.ts";

export const layer = "namespaces";

export default function (_target: Target): string | null {
  const name = cString("attack");
  return syscall(170, pointer(name), 6) === 0 ? "succeeded" : null;
}
