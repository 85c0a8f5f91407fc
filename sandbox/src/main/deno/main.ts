// The program of an appspace whose app exports a handler (`runtime: fetch`).
import { load, serve, surroundings } from "./serve.ts";

const entrypoint = Deno.env.get("DROPSERVER_ENTRYPOINT");
if (entrypoint === undefined) throw new Error("DROPSERVER_ENTRYPOINT is not set");

serve(
  await load(new URL(entrypoint, "file:///app/")),
  surroundings(Deno.env.get),
  "/run/app/app.sock",
);
