// Sees which ports of the host are open.
import { readByCalls, type Target } from "../attack.ts";

export const layer = "namespaces";

export default function (target: Target): string | null {
  const port = target.tcpPort.toString(16).toUpperCase().padStart(4, "0");
  const table = readByCalls("/proc/net/tcp") + readByCalls("/proc/net/tcp6");
  return table.includes(`:${port} `) ? "seen" : null;
}
