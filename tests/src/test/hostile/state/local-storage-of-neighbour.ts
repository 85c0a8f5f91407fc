// Reads what another appspace left in localStorage.
import type { Target } from "../attack.ts";

export const layer = "namespaces";

export default function (_target: Target): string | null {
  return localStorage.getItem("diary");
}
