// Connects to a Unix socket of the host through a symlink in its data.
import { firstBytes, type Target } from "../attack.ts";

export const layer = "namespaces";

export default async function (target: Target): Promise<string | null> {
  const link = "/data/socket-link";
  await Deno.remove(link).catch(() => {});
  await Deno.symlink(target.hostSocket, link);
  return await firstBytes(
    await Deno.connect({ transport: "unix", path: link }),
  );
}
