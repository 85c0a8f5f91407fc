// Listens for connections from the network, in a worker, where no preload refuses it.
import { inWorker, type Target } from "../attack.ts";

export const layer = "seccomp";

export default async function (_target: Target): Promise<string | null> {
  return await inWorker(
    `Deno.listen({ hostname: "0.0.0.0", port: 0 }).addr.transport`,
  );
}
