// Reads the host's name.
import type { Target } from "../attack.ts";

export const layer = "namespaces";

export default async function (_target: Target): Promise<string | null> {
  return await Deno.readTextFile("/etc/hostname");
}
