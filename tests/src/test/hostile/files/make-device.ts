// Makes a device node for the disk.
import { cString, pointer, syscall, type Target } from "../attack.ts";

export const layer = "namespaces";

export default function (_target: Target): string | null {
  const path = cString("/data/disk");
  // mknod(path, S_IFBLK | 0600, makedev(254, 0))
  return syscall(133, pointer(path), 0o060600, 254 << 8) === 0 ? "made" : null;
}
