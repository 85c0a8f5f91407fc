// Reads what another appspace left in /tmp.
import type { Target } from "../attack.ts";

export const layer = "namespaces";

export default async function (_target: Target): Promise<string | null> {
  return await Deno.readTextFile("/tmp/diary.txt");
}
