// Changes its own app files.
import type { Target } from "../attack.ts";

export const layer = "namespaces";

export default async function (_target: Target): Promise<string | null> {
  await Deno.writeTextFile("/app/main.ts", "export default {}");
  return "changed";
}
