// Calls of the host API, for the attacks in the folder `host`.
import { within } from "./attack.ts";

const HOST = "http://host.dropserver.invalid";

export interface Answer {
  status: number;
  text: string;
}

/** Calls as an app does. A refused or broken call has the status 0. */
export async function call(
  method: string,
  path: string,
  body?: string,
  headers: Record<string, string> = {},
): Promise<Answer> {
  try {
    const response = await fetch(HOST + path, { method, body, headers });
    return { status: response.status, text: await response.text() };
  } catch (error) {
    return { status: 0, text: String(error) };
  }
}

/** Writes bytes to the gateway's socket, past every client that would correct them. */
export async function rawCall(
  method: string,
  path: string,
  body: string,
  headers = "",
): Promise<Answer> {
  try {
    using socket = await Deno.connect({
      transport: "unix",
      path: "/run/dropserver/egress.sock",
    });
    const head =
      `${method} ${HOST}${path} HTTP/1.1\r\nHost: host.dropserver.invalid\r\n` +
      `Content-Length: ${body.length}\r\nConnection: close\r\n${headers}\r\n`;
    await socket.write(new TextEncoder().encode(head + body));
    let text = "";
    const buffer = new Uint8Array(8192);
    for (;;) {
      const length = await within(3000, socket.read(buffer));
      if (length === null) break;
      text += new TextDecoder().decode(buffer.subarray(0, length));
    }
    return { status: Number(text.split(" ")[1] ?? 0), text };
  } catch (error) {
    return { status: 0, text: String(error) };
  }
}

/** Describes an answer that accepts the call; nothing for any other. */
export function accepted({ status, text }: Answer): string[] {
  return status >= 200 && status < 300
    ? [`${status} ${text.slice(0, 80)}`]
    : [];
}
