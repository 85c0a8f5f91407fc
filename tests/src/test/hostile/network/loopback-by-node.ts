// Connects to the host's loopback through node:net.
import { connect } from "node:net";
import { type Target, within } from "../attack.ts";

export const layer = "namespaces";

export default async function (target: Target): Promise<string | null> {
  return await within(
    3000,
    new Promise((resolve, reject) => {
      const socket = connect(target.tcpPort, "127.0.0.1");
      socket.on("data", (data) => resolve(String(data)));
      socket.on("error", reject);
    }),
  );
}
