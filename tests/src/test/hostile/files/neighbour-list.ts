// Lists the data of every appspace.
import type { Target } from "../attack.ts";

export const layer = "namespaces";

export default async function (target: Target): Promise<string | null> {
  const names = [];
  for await (const entry of Deno.readDir(`${target.state}/data`)) {
    names.push(entry.name);
  }
  return names.join(" ");
}
