// Fills the root folder, which bubblewrap leaves writable by default.
import type { Target } from "../attack.ts";

export const layer = "namespaces";

export default async function (_target: Target): Promise<string | null> {
  const piece = new Uint8Array(1 << 20).fill(7);
  for (let i = 0; i < 600; i++) await Deno.writeFile(`/fill-${i}`, piece);
  return "600 MiB";
}
