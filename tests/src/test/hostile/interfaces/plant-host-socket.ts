// Plants a socket in the place of the host's sockets.
import type { Target } from "../attack.ts";

export const layer = "namespaces";

export default function (_target: Target): string | null {
  const listener = Deno.listen({
    transport: "unix",
    path: "/run/dropserver/planted.sock",
  });
  listener.close();
  return "planted";
}
