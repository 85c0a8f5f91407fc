// Follows a symlink to the folder of another appspace.
import type { Target } from "../attack.ts";

export const layer = "namespaces";

export default async function (target: Target): Promise<string | null> {
  const link = "/data/link-to-neighbour";
  await Deno.remove(link).catch(() => {});
  await Deno.symlink(target.neighbourData, link);
  return await Deno.readTextFile(`${link}/diary.txt`);
}
