// Connects to a service on the host's loopback.
import { firstBytes, type Target } from "../attack.ts";

export const layer = "namespaces";

export default async function (target: Target): Promise<string | null> {
  return await firstBytes(
    await Deno.connect({ hostname: "127.0.0.1", port: target.tcpPort }),
  );
}
