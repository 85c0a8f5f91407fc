// Connects through node's internal TCP wrapper, which once did not check permissions.
import process from "node:process";
import type { Target } from "../attack.ts";

export const layer = "namespaces";

export default function (target: Target): string | null {
  // deno-lint-ignore no-explicit-any
  const binding = (process as any).binding("tcp_wrap");
  const socket = new binding.TCP(0);
  // The host sees whether it arrives. The call itself returns before that.
  socket.connect({}, "127.0.0.1", target.tcpPort);
  return null;
}
