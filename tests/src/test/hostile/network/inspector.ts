// Opens the debugger's port.
import { open, url } from "node:inspector";
import type { Target } from "../attack.ts";

export const layer = "seccomp";

export default function (_target: Target): string | null {
  open(0, "127.0.0.1");
  return url() ?? null;
}
