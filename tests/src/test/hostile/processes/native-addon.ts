// Loads a native node addon.
import process from "node:process";
import type { Target } from "../attack.ts";

export const layer = "deno";

export default function (_target: Target): string | null {
  const module = { exports: {} };
  // deno-lint-ignore no-explicit-any
  (process as any).dlopen(module, "/usr/lib/x86_64-linux-gnu/libc.so.6");
  return "loaded";
}
