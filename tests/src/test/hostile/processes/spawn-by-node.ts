// Starts a program through node:child_process.
import { execFileSync } from "node:child_process";
import type { Target } from "../attack.ts";

export const layer = "namespaces";

export default function (_target: Target): string | null {
  return execFileSync("/bin/sh", ["-c", "id"], { encoding: "utf8" });
}
