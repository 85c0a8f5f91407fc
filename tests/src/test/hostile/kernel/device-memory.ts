// Reads the disk of the host.
import { readByCalls, type Target } from "../attack.ts";

export const layer = "namespaces";

export default function (_target: Target): string | null {
  for (
    const disk of [
      "/dev/vda",
      "/dev/sda",
      "/dev/nvme0n1",
      "/dev/mem",
      "/dev/loop0",
    ]
  ) {
    try {
      return readByCalls(disk).slice(0, 20) + " of " + disk;
    } catch {
      continue;
    }
  }
  return null;
}
