// Reads a file of the host with system calls.
import { readByCalls, type Target } from "../attack.ts";

export const layer = "namespaces";

export default function (target: Target): string | null {
  return readByCalls(target.hostFile);
}
