// Starts a program by injecting arguments into a shell of node:child_process.
import { execSync } from "node:child_process";
import type { Target } from "../attack.ts";

export const layer = "namespaces";

export default function (_target: Target): string | null {
  return execSync("id", { encoding: "utf8" });
}
