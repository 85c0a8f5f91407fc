// Starts a worker from a remote module.
import { type Target, within } from "../attack.ts";

export const layer = "namespaces";

export default async function (target: Target): Promise<string | null> {
  return await within(
    5000,
    new Promise((resolve, reject) => {
      const worker = new Worker(
        `http://127.0.0.1:${target.tcpPort}/worker.ts`,
        { type: "module" },
      );
      worker.onmessage = () => resolve("started");
      worker.onerror = (event) => {
        event.preventDefault();
        reject(new Error(event.message));
      };
    }),
  );
}
