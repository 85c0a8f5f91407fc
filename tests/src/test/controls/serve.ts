// Serves the suite's app without any protection, for the control run in a virtual machine.
import app from "../hostile/main.ts";

Deno.serve({ path: Deno.args[0], onListen: () => {} }, app.fetch);
