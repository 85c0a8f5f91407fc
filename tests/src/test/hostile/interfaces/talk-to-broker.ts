// Asks the permission broker itself, in the name of another process.
import { firstBytes, type Target, within } from "../attack.ts";

export const layer = "deno";

export default async function (_target: Target): Promise<string | null> {
  const connection = await Deno.connect({
    transport: "unix",
    path: "/run/dropserver/broker.sock",
  });
  const question = {
    v: 1,
    pid: 1,
    id: 1,
    datetime: new Date().toISOString(),
    permission: "run",
    value: null,
  };
  await connection.write(
    new TextEncoder().encode(JSON.stringify(question) + "\n"),
  );
  const answer = await within(2000, firstBytes(connection));
  return answer.includes("allow") ? answer : null;
}
