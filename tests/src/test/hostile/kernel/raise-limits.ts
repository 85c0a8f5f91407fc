// Raises its own limits: core files, which the host would handle.
import { pointer, syscall, type Target } from "../attack.ts";

export const layer = "namespaces";

export default function (_target: Target): string | null {
  const limit = new Uint8Array(16);
  const view = new DataView(limit.buffer);
  view.setBigUint64(0, 1n << 30n, true);
  view.setBigUint64(8, 1n << 30n, true);
  return syscall(160, 4, pointer(limit)) === 0 ? "succeeded" : null;
}
