// Loads a native node addon.
import process from "node:process";
import type { Target } from "../attack.ts";

export const layer = "deno";

export default function (_target: Target): string | null {
  const module = { exports: {} };
  try {
    // deno-lint-ignore no-explicit-any
    (process as any).dlopen(module, "/usr/lib/x86_64-linux-gnu/libc.so.6");
  } catch (error) {
    // Its code was loaded but is not an addon; a real addon would have run.
    if (!String(error).includes("Unable to find register")) throw error;
  }
  return "loaded";
}
