// The main program of an appspace whose app exports a handler (`runtime: fetch`).
import { keepAwake, notify, users } from "./host.ts";
import { environment, requestEgress } from "./preload.ts";
import { load, serve, surroundings } from "./serve.ts";

const entrypoint = environment.DROPSERVER_ENTRYPOINT;
if (entrypoint === undefined) throw new Error("DROPSERVER_ENTRYPOINT is not set");

serve(
  await load(new URL(entrypoint, "file:///app/")),
  surroundings((name) => environment[name], { keepAwake, notify, requestEgress, users }),
  "/run/app/app.sock",
);
