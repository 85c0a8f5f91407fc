// Finds something of the host in its environment.
import type { Target } from "../attack.ts";

export const layer = "namespaces";

export default function (target: Target): string | null {
  const found = Object.entries(Deno.env.toObject())
    .filter(([name, value]) =>
      value.includes(target.state) ||
      /USER|JAVA|TOKEN|KEY|PASS|SSH|DOCKER/.test(name)
    )
    .map(([name]) => name);
  return found.join(" ") || null;
}
