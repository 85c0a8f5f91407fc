// Makes more files than the storage limit has room for.
import type { Target } from "../attack.ts";

export const layer = "storage";

export default function (_target: Target): string | null {
  for (let i = 0; i < 200_000; i++) {
    Deno.writeTextFileSync(`/data/file-${i}`, "");
  }
  return "200,000 files";
}
