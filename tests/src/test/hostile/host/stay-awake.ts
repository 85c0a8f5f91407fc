// Stays awake with more claims than an appspace may have, and ends the claim of a neighbour.
import type { Target } from "../attack.ts";
import { call } from "../host-api.ts";

export const layer = "gateway";
export const control = false; // only a server has this API

export default async function (target: Target): Promise<string | null> {
  for (
    const path of [
      target.neighbourClaim,
      `../awake/${target.neighbourClaim}`,
      "*",
      "",
    ]
  ) {
    await call("DELETE", `/awake/${path}`);
  }
  const begun = await Promise.all(
    Array.from({ length: 200 }, () => call("POST", "/awake")),
  );
  const claims = begun.filter(({ status }) => status === 200).length;
  return claims > 16 ? `${claims} claims` : null;
}
