// Is root on the host, seen through its user map.
import { readByCalls, type Target } from "../attack.ts";

export const layer = "uid";
export const judge = "host";

export default function (_target: Target): string | null {
  const map = readByCalls("/proc/self/uid_map").trim().split(/\s+/);
  return map[1] === "0" ? map.join(" ") : null;
}
