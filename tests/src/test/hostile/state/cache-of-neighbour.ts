// Reads what another appspace left in the Cache API.
import type { Target } from "../attack.ts";

export const layer = "namespaces";

export default async function (_target: Target): Promise<string | null> {
  const cache = await caches.open("diary");
  const found = await cache.match("http://diary.invalid/");
  return found ? await found.text() : null;
}
