// Fetches through a Unix socket of the host as proxy.
import { type Target, within } from "../attack.ts";

export const layer = "namespaces";

export default async function (target: Target): Promise<string | null> {
  const client = Deno.createHttpClient({
    proxy: { transport: "unix", path: target.hostSocket },
  });
  const response = await within(3000, fetch("http://example.org/", { client }));
  return await response.text();
}
