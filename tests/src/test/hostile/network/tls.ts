// Makes a TLS connection.
import { firstBytes, type Target } from "../attack.ts";

export const layer = "namespaces";

export default async function (target: Target): Promise<string | null> {
  const connection = await Deno.connectTls({
    hostname: "127.0.0.1",
    port: target.tcpPort,
  });
  return await firstBytes(connection);
}
