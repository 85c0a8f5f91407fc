// Starts a second Deno with all permissions.
import type { Target } from "../attack.ts";

export const layer = "deno";

export default async function (_target: Target): Promise<string | null> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["eval", "console.log(1)"],
  });
  const { success } = await command.output();
  return success ? "started" : null;
}
