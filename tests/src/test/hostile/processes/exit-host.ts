// Shares the host's process ids.
import type { Target } from "../attack.ts";

export const layer = "namespaces";

export default function (_target: Target): string | null {
  return Deno.pid > 100 ? `process ${Deno.pid}` : null;
}
