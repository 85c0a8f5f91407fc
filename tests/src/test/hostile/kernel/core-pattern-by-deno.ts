// Writes core_pattern through Deno.
import type { Target } from "../attack.ts";

export const layer = "uid";

export default async function (_target: Target): Promise<string | null> {
  await Deno.writeTextFile(
    "/proc/sys/kernel/core_pattern",
    await Deno.readTextFile("/proc/sys/kernel/core_pattern"),
  );
  return "written";
}
