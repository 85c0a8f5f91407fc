// Fills the folder of its socket.
import type { Target } from "../attack.ts";

export const layer = "cgroup";

export default async function (_target: Target): Promise<string | null> {
  const piece = new Uint8Array(1 << 20).fill(7);
  for (let i = 0; i < 600; i++) {
    await Deno.writeFile(`/run/app/fill-${i}`, piece);
  }
  return "600 MiB";
}
