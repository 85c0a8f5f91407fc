// Replaces its socket by a symlink to a socket of the host, which the server would follow.
import type { Target } from "../attack.ts";

export const layer = "namespaces";

export default async function (target: Target): Promise<string | null> {
  // The suite checks which socket the server connects to for the next request, by the canary.
  await Deno.remove("/run/app/app.sock");
  await Deno.symlink(target.hostSocket, "/run/app/app.sock");
  return null;
}
