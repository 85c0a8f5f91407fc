// Makes a sibling believe that the host runs one of its jobs.
import type { Target } from "../attack.ts";
import { accepted, call, rawCall } from "../host-api.ts";

export const layer = "gateway";
export const control = false; // there is no sibling

export default async function (_target: Target): Promise<string | null> {
  const job = { "dropserver-job": "own", "dropserver_job": "own" };
  const obtained: string[] = [];
  for (
    const url of ["http://neighbour.localhost", "http://neighbour.home.test:80"]
  ) {
    try {
      const response = await fetch(`${url}/.dropserver/cron`, {
        method: "POST",
        headers: job,
      });
      obtained.push(`${response.status} from ${url}`);
    } catch {
      // The whitelist of this appspace does not name the sibling.
    }
  }
  for (
    const path of ["/.dropserver/cron", "/jobs", "/neighbour/.dropserver/cron"]
  ) {
    obtained.push(...accepted(await call("POST", path, "", job)));
    obtained.push(
      ...accepted(await rawCall("POST", path, "", "Dropserver-Job: own\r\n")),
    );
  }
  return obtained.join("; ") || null;
}
