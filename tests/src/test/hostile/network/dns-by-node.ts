// Looks a name up through node:dns.
import { lookup } from "node:dns";
import { type Target, within } from "../attack.ts";

export const layer = "namespaces";

export default async function (_target: Target): Promise<string | null> {
  return await within(
    3000,
    new Promise((resolve, reject) => {
      lookup(
        "example.org",
        (error, address) => error ? reject(error) : resolve(address),
      );
    }),
  );
}
