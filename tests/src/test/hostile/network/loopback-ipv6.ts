// Connects to the host's loopback over IPv6.
import { firstBytes, type Target } from "../attack.ts";

export const layer = "namespaces";

export default async function (target: Target): Promise<string | null> {
  return await firstBytes(
    await Deno.connect({ hostname: "::1", port: target.tcpPort }),
  );
}
