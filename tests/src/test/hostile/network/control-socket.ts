// Connects to the server's own control socket.
import type { Target } from "../attack.ts";

export const layer = "namespaces";

export default async function (target: Target): Promise<string | null> {
  const connection = await Deno.connect({
    transport: "unix",
    path: `${target.state}/control.sock`,
  });
  connection.close();
  return "connected";
}
