// Lists root's home.
import type { Target } from "../attack.ts";

export const layer = "namespaces";

export default function (_target: Target): string | null {
  return [...Deno.readDirSync("/root")].map((entry) => entry.name).join(" ") ||
    null;
}
