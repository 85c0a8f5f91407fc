// May gain privileges by executing (no_new_privs is unset).
import { readByCalls, type Target } from "../attack.ts";

export const layer = "namespaces";

export default function (_target: Target): string | null {
  const status = readByCalls("/proc/self/status");
  return /NoNewPrivs:\s*0/.test(status) ? "not set" : null;
}
