// Connects to a service on the host's loopback by name.
import { firstBytes, type Target } from "../attack.ts";

export const layer = "namespaces";

export default async function (target: Target): Promise<string | null> {
  return await firstBytes(
    await Deno.connect({ hostname: "localhost", port: target.tcpPort }),
  );
}
