// main.ts with another app and another socket, both passed as arguments.
import { keepAwake, notify, users } from "../../main/deno/host.ts";
import { requestEgress } from "../../main/deno/preload.ts";
import { load, serve, surroundings } from "../../main/deno/serve.ts";

const [entrypoint, socket] = Deno.args;
serve(
  await load(new URL(entrypoint!, import.meta.url)),
  surroundings(Deno.env.get, { keepAwake, notify, requestEgress, users }),
  socket!,
);
console.log("serving");
