// Fetches from the host's loopback.
import { type Target, within } from "../attack.ts";

export const layer = "namespaces";

export default async function (target: Target): Promise<string | null> {
  return await (await within(
    3000,
    fetch(`http://127.0.0.1:${target.tcpPort}/`),
  )).text();
}
