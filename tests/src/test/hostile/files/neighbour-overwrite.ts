// Overwrites the diary of another appspace.
import type { Target } from "../attack.ts";

export const layer = "namespaces";

export default async function (target: Target): Promise<string | null> {
  await Deno.writeTextFile(`${target.neighbourData}/diary.txt`, "gone");
  return "overwritten";
}
