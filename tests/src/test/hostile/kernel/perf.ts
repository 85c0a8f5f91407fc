// Watches the machine with performance counters.
import { pointer, syscall, type Target } from "../attack.ts";

export const layer = "seccomp";

export default function (_target: Target): string | null {
  const attributes = new Uint8Array(128);
  const view = new DataView(attributes.buffer);
  view.setUint32(0, 1, true);
  view.setUint32(4, 128, true);
  return syscall(298, pointer(attributes), 0, -1, -1, 0) >= 0
    ? "succeeded"
    : null;
}
