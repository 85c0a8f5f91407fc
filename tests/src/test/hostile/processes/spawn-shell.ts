// Starts a shell.
import type { Target } from "../attack.ts";

export const layer = "namespaces";

export default async function (_target: Target): Promise<string | null> {
  const { stdout } = await new Deno.Command("/bin/sh", { args: ["-c", "id"] })
    .output();
  return new TextDecoder().decode(stdout) || null;
}
