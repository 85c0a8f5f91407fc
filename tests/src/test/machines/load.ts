// Sends requests to one URL until standard input ends, and then prints what became of them as JSON:
// {"sent", "answered", "refused", "errors": {TEXT: COUNT}, "longestMillis"}. A request that fails is not sent again.
//   deno run --allow-net load.ts URL HOST LANES
// HOST is the name in the request and, for https, in the TLS handshake.
const [url, host, lanes] = Deno.args;
const errors: Record<string, number> = {};
let sent = 0, answered = 0, refused = 0, longest = 0, over = false;

const { protocol, hostname, port } = new URL(url);

async function connect(): Promise<Deno.Conn> {
  if (protocol === "http:") {
    return await Deno.connect({ hostname, port: Number(port || 80) });
  }
  const tcp = await Deno.connect({ hostname, port: Number(port || 443) });
  return await Deno.startTls(tcp, { hostname: host });
}

async function request(): Promise<void> {
  sent++;
  const started = performance.now();
  try {
    using connection = await connect();
    const text = `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
    await connection.write(new TextEncoder().encode(text));
    let answer = "";
    const chunk = new Uint8Array(4096);
    for (
      let n = await connection.read(chunk);
      n !== null;
      n = await connection.read(chunk)
    ) {
      if (answer.length < 64) {
        answer += new TextDecoder().decode(chunk.subarray(0, n));
      }
    }
    const status = answer.slice(9, 12);
    if (status === "200") answered++;
    else count(status === "" ? "closed without an answer" : `status ${status}`);
  } catch (error) {
    if (error instanceof Deno.errors.ConnectionRefused) refused++;
    else count(String(error));
  }
  longest = Math.max(longest, performance.now() - started);
}

function count(error: string): void {
  errors[error] = (errors[error] ?? 0) + 1;
}

async function lane(): Promise<void> {
  while (!over) {
    await request();
    await new Promise((next) => setTimeout(next, 10));
  }
}

const running = Array.from({ length: Number(lanes) }, lane);
for await (const _ of Deno.stdin.readable) { /* until the end */ }
over = true;
await Promise.all(running);
console.log(
  JSON.stringify({
    sent,
    answered,
    refused,
    errors,
    longestMillis: Math.round(longest),
  }),
);
