// Listens for datagrams.
import type { Target } from "../attack.ts";

export const layer = "deno";

export default function (_target: Target): string | null {
  const socket = Deno.listenDatagram({
    hostname: "0.0.0.0",
    port: 0,
    transport: "udp",
  });
  socket.close();
  return "listens";
}
