// Binds a folder of the host's name space over its data.
import { cString, pointer, syscall, type Target } from "../attack.ts";

export const layer = "namespaces";

export default function (_target: Target): string | null {
  const source = cString("/proc");
  const where = cString("/data");
  return syscall(165, pointer(source), pointer(where), 0, 0x1000, 0) === 0
    ? "bound"
    : null;
}
