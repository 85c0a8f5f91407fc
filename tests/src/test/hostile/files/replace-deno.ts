// Replaces the Deno binary.
import type { Target } from "../attack.ts";

export const layer = "namespaces";

export default async function (_target: Target): Promise<string | null> {
  await Deno.writeFile("/dropserver/deno", new Uint8Array([1]));
  return "replaced";
}
