// Follows a symlink of its own to a file of the host.
import type { Target } from "../attack.ts";

export const layer = "namespaces";

export default async function (target: Target): Promise<string | null> {
  const link = "/data/link-to-host";
  await Deno.remove(link).catch(() => {});
  await Deno.symlink(target.hostFile, link);
  return await Deno.readTextFile(link);
}
