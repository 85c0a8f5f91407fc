// Connects to a Unix socket of the host.
import { firstBytes, type Target } from "../attack.ts";

export const layer = "namespaces";

export default async function (target: Target): Promise<string | null> {
  return await firstBytes(
    await Deno.connect({ transport: "unix", path: target.hostSocket }),
  );
}
