// Connects to the container engine of the host.
import type { Target } from "../attack.ts";

export const layer = "namespaces";

export default async function (_target: Target): Promise<string | null> {
  const connection = await Deno.connect({
    transport: "unix",
    path: "/var/run/docker.sock",
  });
  connection.close();
  return "connected";
}
