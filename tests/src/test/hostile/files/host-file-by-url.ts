// Fetches a file: URL of the host.
import type { Target } from "../attack.ts";

export const layer = "namespaces";

export default async function (target: Target): Promise<string | null> {
  return await (await fetch(`file://${target.hostFile}`)).text();
}
