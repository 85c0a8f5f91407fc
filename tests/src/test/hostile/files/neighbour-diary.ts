// Reads the diary of another appspace by its path on the host.
import type { Target } from "../attack.ts";

export const layer = "namespaces";

export default async function (target: Target): Promise<string | null> {
  return await Deno.readTextFile(`${target.neighbourData}/diary.txt`);
}
