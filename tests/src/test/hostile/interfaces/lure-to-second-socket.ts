// Listens on further Unix sockets in its own folders, and waits for a connection of the host.
import { type Target, within } from "../attack.ts";

export const layer = "namespaces";
export const control = false;

export default async function (_target: Target): Promise<string | null> {
  const paths = [
    "/data/app.sock",
    "/data/.dropserver.sock",
    "/run/app/second.sock",
    "/tmp/app.sock",
  ];
  const accepted = paths.map(async (path) => {
    await Deno.remove(path).catch(() => {});
    const connection = await Deno.listen({ transport: "unix", path }).accept();
    connection.close();
    return `a connection at ${path}`;
  });
  return await within(2000, Promise.any(accepted));
}
