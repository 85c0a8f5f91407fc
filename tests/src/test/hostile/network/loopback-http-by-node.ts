// Requests from the host's loopback through node:http.
import { get } from "node:http";
import { type Target, within } from "../attack.ts";

export const layer = "namespaces";

export default async function (target: Target): Promise<string | null> {
  return await within(
    3000,
    new Promise((resolve, reject) => {
      get(
        `http://127.0.0.1:${target.tcpPort}/`,
        (response) => resolve(`status ${response.statusCode}`),
      ).on("error", reject);
    }),
  );
}
