// Has a capability.
import { readByCalls, type Target } from "../attack.ts";

export const layer = "namespaces";

export default function (_target: Target): string | null {
  const status = readByCalls("/proc/self/status");
  const effective = /CapEff:\s*([0-9a-f]+)/.exec(status)?.[1] ?? "";
  return /[1-9a-f]/.test(effective) ? effective : null;
}
