// Replaces its socket by a symlink to a socket of the host, which the server would follow.
import type { Target } from "../attack.ts";

export const layer = "namespaces";

export default async function (target: Target): Promise<string | null> {
  // What counts is whom the server reaches at the next request: the suite asks for the canary.
  await Deno.remove("/run/app/app.sock");
  await Deno.symlink(target.hostSocket, "/run/app/app.sock");
  return null;
}
