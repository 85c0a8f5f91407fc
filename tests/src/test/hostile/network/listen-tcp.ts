// Listens for connections from the network.
import type { Target } from "../attack.ts";

export const layer = "deno";

export default function (_target: Target): string | null {
  const listener = Deno.listen({ hostname: "0.0.0.0", port: 0 });
  listener.close();
  return "listens";
}
