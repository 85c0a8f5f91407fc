// Lists the members of another appspace.
import type { Target } from "../attack.ts";
import { call, rawCall } from "../host-api.ts";

export const layer = "gateway";
export const control = false; // only a server has this API

export default async function (_target: Target): Promise<string | null> {
  const headers = {
    "dropserver-appspace": "neighbour",
    host: "neighbour.home.test",
  };
  const answers = [
    await call("GET", "/users?appspace=neighbour", undefined, headers),
    await call("GET", "/users/neighbour"),
    await rawCall("GET", "/users", "", "Dropserver-Appspace: neighbour\r\n"),
    // A second request in the body of the first.
    await rawCall(
      "POST",
      "/users",
      "0\r\n\r\nGET http://host.dropserver.invalid/users HTTP/1.1\r\nHost: x\r\n\r\n",
      "Transfer-Encoding: chunked\r\n",
    ),
  ];
  const stranger = answers.find(({ text }) => text.includes("Carol"));
  return stranger?.text ?? null;
}
