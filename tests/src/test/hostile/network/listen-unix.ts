// Listens on a second Unix socket in its data.
import type { Target } from "../attack.ts";

export const layer = "deno";

export default async function (_target: Target): Promise<string | null> {
  const path = "/data/second.sock";
  await Deno.remove(path).catch(() => {});
  const listener = Deno.listen({ transport: "unix", path });
  listener.close();
  return "listens";
}
