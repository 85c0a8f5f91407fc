// Sends a message to a member of another appspace, under ids and headers that it forges.
import type { Target } from "../attack.ts";
import { accepted, call, rawCall } from "../host-api.ts";

export const layer = "gateway";
export const control = false; // only a server has this API

export default async function (target: Target): Promise<string | null> {
  const obtained: string[] = [];
  for (
    const user of [target.neighbourMember, "carol", "neighbour/carol", "*"]
  ) {
    const body = JSON.stringify({
      user,
      title: "forged",
      appspace: "neighbour",
    });
    const headers = {
      "dropserver-appspace": "neighbour",
      "dropserver-user": "carol",
      "x-forwarded-host": "neighbour.home.test",
      "content-type": "application/json",
    };
    for (
      const path of ["/notifications", "/notifications?appspace=neighbour"]
    ) {
      obtained.push(...accepted(await call("POST", path, body, headers)));
    }
    obtained.push(
      ...accepted(await rawCall("POST", "/neighbour/../notifications", body)),
    );
  }
  return obtained.join("; ") || null;
}
