// Looks a name up.
import { type Target, within } from "../attack.ts";

export const layer = "namespaces";

export default async function (_target: Target): Promise<string | null> {
  return (await within(3000, Deno.resolveDns("example.org", "A"))).join(" ");
}
