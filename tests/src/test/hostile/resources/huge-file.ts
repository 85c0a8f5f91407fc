// Makes a sparse file larger than the storage limit and fills its end.
import type { Target } from "../attack.ts";

export const layer = "storage";

export default async function (_target: Target): Promise<string | null> {
  using file = await Deno.open("/data/sparse", {
    write: true,
    create: true,
    truncate: true,
  });
  await file.seek(1 << 30, Deno.SeekMode.Start);
  const piece = new Uint8Array(1 << 20).fill(7);
  let written = 0;
  while (written < 96 << 20) written += await file.write(piece);
  return "96 MiB at the end of 1 GiB";
}
