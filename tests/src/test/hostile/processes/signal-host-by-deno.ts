// Ends a process of the host through Deno.
import type { Target } from "../attack.ts";

export const layer = "namespaces";

export default function (target: Target): string | null {
  Deno.kill(target.pid, "SIGTERM");
  return "signalled";
}
