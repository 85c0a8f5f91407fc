// Loads a program into the kernel (bpf).
import { pointer, syscall, type Target } from "../attack.ts";

export const layer = "seccomp";

export default function (_target: Target): string | null {
  const attributes = new Uint8Array(72);
  const view = new DataView(attributes.buffer);
  view.setUint32(0, 2, true);
  view.setUint32(4, 4, true);
  view.setUint32(8, 4, true);
  view.setUint32(12, 1, true);
  return syscall(321, 0, pointer(attributes), 72) >= 0 ? "succeeded" : null;
}
