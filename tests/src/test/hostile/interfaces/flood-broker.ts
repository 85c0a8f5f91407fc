// Sends the permission broker an endless line.
import { type Target, within } from "../attack.ts";

export const layer = "deno";

export default async function (_target: Target): Promise<string | null> {
  const connection = await Deno.connect({
    transport: "unix",
    path: "/run/dropserver/broker.sock",
  });
  const piece = new Uint8Array(1 << 16).fill(97);
  let sent = 0;
  while (sent < 64 << 20) sent += await within(5000, connection.write(piece));
  connection.close();
  return `sent ${sent} bytes`;
}
