// Runs an app under V8's inspector, only in `app dev --inspect`. The inspector listens on TCP, and
// only on the loopback interface of this sandbox. This process relays a Unix socket to it, because
// the app's own threads stop at a breakpoint. It has all of Deno's permissions, but is in the same
// sandbox as the app.
const SOCKET = "/run/inspector/inspector.sock";
const INSPECTOR = { hostname: "127.0.0.1", port: 9229 };

const [program, ...args] = Deno.args;
if (program === undefined) throw new Error("the command of the app is missing");
const app = new Deno.Command(program, { args, stdin: "null" }).spawn();
Deno.addSignalListener("SIGTERM", () => app.kill("SIGTERM"));

async function relay(debug: Deno.Conn): Promise<void> {
  try {
    const inspector = await Deno.connect(INSPECTOR);
    await Promise.all([
      debug.readable.pipeTo(inspector.writable),
      inspector.readable.pipeTo(debug.writable),
    ]);
  } catch {
    // The app has ended, or is not ready for a debugger yet.
    close(debug);
  }
}

function close(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // The pipe has closed it.
  }
}

async function accept(): Promise<void> {
  for await (const debug of Deno.listen({ transport: "unix", path: SOCKET })) void relay(debug);
}

void accept();
const { code, signal } = await app.status;
Deno.exit(signal === null ? code : 1);
