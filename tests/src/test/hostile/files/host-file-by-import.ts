// Imports a file of the host as a module of text.
import type { Target } from "../attack.ts";

export const layer = "namespaces";

export default async function (target: Target): Promise<string | null> {
  const module = await import(`file://${target.hostFile}`, {
    with: { type: "text" },
  });
  return module.default;
}
