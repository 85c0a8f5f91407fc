// Walks into the host by the root of one of its processes.
import { readByCalls, type Target } from "../attack.ts";

export const layer = "namespaces";

export default function (target: Target): string | null {
  return readByCalls(`/proc/${target.pid}/root${target.hostFile}`);
}
