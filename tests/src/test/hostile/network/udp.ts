// Sends a datagram to the host's loopback.
import { type Target, within } from "../attack.ts";

export const layer = "namespaces";

export default async function (target: Target): Promise<string | null> {
  const socket = Deno.listenDatagram({
    hostname: "0.0.0.0",
    port: 0,
    transport: "udp",
  });
  try {
    await socket.send(new TextEncoder().encode("?"), {
      transport: "udp",
      hostname: "127.0.0.1",
      port: target.udpPort,
    });
    const [answer] = await within(2000, socket.receive());
    return new TextDecoder().decode(answer);
  } finally {
    socket.close();
  }
}
