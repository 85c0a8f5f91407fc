// Reads a file of the host through node:fs promises with a file URL.
import { readFile } from "node:fs/promises";
import type { Target } from "../attack.ts";

export const layer = "namespaces";

export default async function (target: Target): Promise<string | null> {
  return await readFile(new URL(`file://${target.hostFile}`), "utf8");
}
