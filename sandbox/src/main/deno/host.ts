import type { DropserverMember } from "./dropserver.d.ts";

/** The gateway answers requests to this name itself. */
const HOST = "http://host.dropserver.invalid";

async function call(path: string, init?: RequestInit): Promise<unknown> {
  const response = await fetch(HOST + path, init);
  const text = await response.text();
  if (response.ok) return JSON.parse(text);
  let reason = text.trim();
  try {
    reason = JSON.parse(text).error;
  } catch {
    // The text itself is the reason.
  }
  throw new TypeError(`dropserver: ${reason}`);
}

/** See `Dropserver.users`. */
export async function users(): Promise<readonly DropserverMember[]> {
  return (await call("/users") as { users: DropserverMember[] }).users;
}
