// Fills the disk beyond the storage limit.
import type { Target } from "../attack.ts";

export const layer = "storage";

export default async function (_target: Target): Promise<string | null> {
  const piece = new Uint8Array(1 << 20).fill(7);
  using file = await Deno.open("/data/fill", {
    write: true,
    create: true,
    truncate: true,
  });
  for (let i = 0; i < 96; i++) await file.write(piece);
  return "96 MiB where 64 are allowed";
}
