// Opens a QUIC endpoint.
import type { Target } from "../attack.ts";

export const layer = "seccomp";

export default function (_target: Target): string | null {
  // deno-lint-ignore no-explicit-any
  const endpoint = new (Deno as any).QuicEndpoint({
    hostname: "0.0.0.0",
    port: 0,
  });
  endpoint.close();
  return "opened";
}
