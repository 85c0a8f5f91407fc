// Connects to the host by its address in its own network.
import { firstBytes, type Target, within } from "../attack.ts";

export const layer = "namespaces";

export default async function (target: Target): Promise<string | null> {
  for (const hostname of target.addresses) {
    try {
      return await within(
        2000,
        Deno.connect({ hostname, port: target.tcpPort }).then(firstBytes),
      );
    } catch {
      continue;
    }
  }
  return null;
}
