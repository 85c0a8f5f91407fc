// Removes the host's sockets from its own view.
import type { Target } from "../attack.ts";

export const layer = "namespaces";

export default function (_target: Target): string | null {
  for (const entry of Deno.readDirSync("/run/dropserver")) {
    Deno.removeSync(`/run/dropserver/${entry.name}`);
  }
  return "removed";
}
