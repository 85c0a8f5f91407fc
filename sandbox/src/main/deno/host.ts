import type { DropserverMember, DropserverMessage } from "./dropserver.d.ts";

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

/** See `Dropserver.keepAwake`. */
export function keepAwake(work: Promise<unknown>): void {
  hold(work).catch((error) => console.warn("dropserver.keepAwake:", error));
}

async function hold(work: Promise<unknown>): Promise<void> {
  const begun = call("/awake", { method: "POST" }) as Promise<{ id: string }>;
  begun.catch(() => {}); // reported below, after the work
  try {
    await work;
  } catch (error) {
    console.error("The work of dropserver.keepAwake failed:", error);
  }
  await call(`/awake/${(await begun).id}`, { method: "DELETE" });
}

/** Tells the host when handlers of `Deno.cron` are due. */
export async function announceCrons(crons: { name: string; schedule: string }[]): Promise<void> {
  try {
    await call("/crons", { method: "PUT", body: JSON.stringify({ crons }) });
  } catch (error) {
    // An installation starts the app once without a host.
    if (!String(error).includes("there is no host API")) throw error;
  }
}

/** See `Dropserver.notify`. */
export async function notify(
  user: string | { readonly id: string },
  { title, body, path }: DropserverMessage,
): Promise<void> {
  const message = { user: typeof user === "string" ? user : user.id, title, body, path };
  await call("/notifications", { method: "POST", body: JSON.stringify(message) });
}
