// Opens the terminal of the user who started the server.
import type { Target } from "../attack.ts";

export const layer = "namespaces";

export default async function (_target: Target): Promise<string | null> {
  using terminal = await Deno.open("/dev/tty", { read: true, write: true });
  return terminal ? "opened" : null;
}
