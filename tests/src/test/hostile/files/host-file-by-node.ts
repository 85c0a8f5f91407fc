// Reads a file of the host through node:fs.
import { readFileSync } from "node:fs";
import type { Target } from "../attack.ts";

export const layer = "namespaces";

export default function (target: Target): string | null {
  return readFileSync(target.hostFile, "utf8");
}
