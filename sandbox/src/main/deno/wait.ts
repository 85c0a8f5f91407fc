// Runs as the last preload of a sandbox that waits for its appspace: everything before it is loaded,
// and no code of the app. The server sends the environment on the only socket that the sandbox may
// use, after it has mounted the data, and replaces the socket by that of the egress gateway.
import "./host.ts";
import { begin } from "./preload.ts";
import "./serve.ts";

/** Waits for a message, which ends with the connection. */
async function receive(path: string): Promise<string> {
  const connection = await Deno.connect({ transport: "unix", path });
  return await new Response(connection.readable).text();
}

const message = await receive("/run/dropserver/egress.sock");
if (message === "") Deno.exit(1); // the server has ended
const { environment, workingFolder } = JSON.parse(message);
for (const [name, value] of Object.entries(environment)) Deno.env.set(name, value as string);
// Also if the path is the same, because another folder is mounted there now.
Deno.chdir(workingFolder);
Deno.env.set("PWD", workingFolder);
begin();
