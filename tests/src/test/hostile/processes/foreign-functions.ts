// Loads the C library (the check was missing in GHSA-838h).
import { syscall, type Target } from "../attack.ts";

export const layer = "deno";

export default function (_target: Target): string | null {
  return `process ${syscall(39)}`;
}
