// Opens a WebSocket to the host's loopback.
import { type Target, within } from "../attack.ts";

export const layer = "namespaces";

export default async function (target: Target): Promise<string | null> {
  return await within(
    3000,
    new Promise((resolve, reject) => {
      const socket = new WebSocket(`ws://127.0.0.1:${target.tcpPort}/`);
      socket.onopen = () => resolve("open");
      socket.onerror = () => reject(new Error("refused"));
    }),
  );
}
