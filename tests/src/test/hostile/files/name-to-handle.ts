// Learns a file handle of its data folder, the first step of open_by_handle_at.
import { cString, pointer, syscall, type Target } from "../attack.ts";

export const layer = "seccomp";

export default function (_target: Target): string | null {
  const handle = new Uint8Array(136);
  new DataView(handle.buffer).setUint32(0, 128, true);
  const mount = new Uint8Array(8);
  const path = cString("/data");
  return syscall(
      303,
      -100,
      pointer(path),
      pointer(handle),
      pointer(mount),
      0,
    ) === 0
    ? "has a handle"
    : null;
}
