// Sends a datagram through node:dgram.
import { createSocket } from "node:dgram";
import { type Target, within } from "../attack.ts";

export const layer = "namespaces";

export default async function (target: Target): Promise<string | null> {
  return await within(
    2000,
    new Promise((resolve, reject) => {
      const socket = createSocket("udp4");
      socket.on("message", (data) => resolve(String(data)));
      socket.on("error", reject);
      socket.send("?", target.udpPort, "127.0.0.1");
    }),
  );
}
