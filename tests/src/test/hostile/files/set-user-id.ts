// Makes a set-user-id file in its data.
import type { Target } from "../attack.ts";

export const layer = "namespaces";
export const judge = "host";

export default async function (_target: Target): Promise<string | null> {
  await Deno.writeTextFile("/data/suid", "#!/bin/sh\n");
  await Deno.chown("/data/suid", 0, 0);
  await Deno.chmod("/data/suid", 0o4755);
  return "made";
}
