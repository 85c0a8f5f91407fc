// Connects to a service on the host's loopback as 0.0.0.0.
import { firstBytes, type Target } from "../attack.ts";

export const layer = "namespaces";

export default async function (target: Target): Promise<string | null> {
  return await firstBytes(
    await Deno.connect({ hostname: "0.0.0.0", port: target.tcpPort }),
  );
}
