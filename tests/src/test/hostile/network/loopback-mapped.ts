// Connects to the host's loopback by an IPv4-mapped address.
import { firstBytes, type Target } from "../attack.ts";

export const layer = "namespaces";

export default async function (target: Target): Promise<string | null> {
  return await firstBytes(
    await Deno.connect({ hostname: "::ffff:127.0.0.1", port: target.tcpPort }),
  );
}
