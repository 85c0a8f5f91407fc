// Asks the cloud's metadata service.
import { type Target, within } from "../attack.ts";

export const layer = "namespaces";

export default async function (_target: Target): Promise<string | null> {
  return await (await within(
    2000,
    fetch("http://169.254.169.254/latest/meta-data/"),
  )).text();
}
