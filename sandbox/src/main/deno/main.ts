// The main program of an appspace whose app exports a handler (`runtime: fetch`).
import { keepAwake, users } from "./host.ts";
import { environment, requestEgress } from "./preload.ts";
import { load, serve, surroundings } from "./serve.ts";

const entrypoint = environment.DROPSERVER_ENTRYPOINT;
if (entrypoint === undefined) throw new Error("DROPSERVER_ENTRYPOINT is not set");

serve(
  await load(new URL(entrypoint, "file:///app/")),
  surroundings((name) => environment[name], { keepAwake, requestEgress, users }),
  "/run/app/app.sock",
);
