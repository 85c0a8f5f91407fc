// Raw descriptors of Deno's own process, for attacks on connections that Deno keeps open itself.
import { read, writeSync } from "node:fs";
import { Socket } from "node:net";
import { ReadStream, WriteStream } from "node:tty";

/** A question in the form of Deno's permission broker, which an app could ask in Deno's name. */
const QUESTION = JSON.stringify({
  v: 1,
  pid: 2,
  id: 1000,
  datetime: "2026-12-02T00:00:00Z",
  permission: "env",
  value: null,
}) + "\n";

/** Ways to use a number as a descriptor. */
export type Way = "socket" | "terminal" | "file";

/**
 * Returns what Deno's permissions refuse, or the answer of a permission broker at any descriptor.
 * Rejects if Deno refuses the first and no descriptor answers. Deno may end when it loses one of
 * its own descriptors, so each way is an attack of its own.
 */
export async function answerOwnQuestions(way: Way): Promise<string> {
  try {
    return refusedFile();
  } catch {
    // Deno's layer is on.
  }
  const ask =
    { socket: askAsSocket, terminal: askAsTerminal, file: askAsFile }[way];
  for (let descriptor = 3; descriptor < 64; descriptor++) {
    const answer = await ask(descriptor).catch(() => "");
    if (answer.includes("allow")) return answer;
  }
  return refusedFile();
}

/** Reads what Deno's permissions refuse, although a sandbox contains it. */
function refusedFile(): string {
  return Deno.readTextFileSync("/proc/self/status").slice(0, 20);
}

async function askAsSocket(descriptor: number): Promise<string> {
  const socket = new Socket({ fd: descriptor, readable: true, writable: true });
  return await answerOf(socket, socket);
}

async function askAsTerminal(descriptor: number): Promise<string> {
  return await answerOf(
    new WriteStream(descriptor),
    new ReadStream(descriptor),
  );
}

/** The descriptors stay open: if Deno's own connection ended, the process would end with it. */
async function answerOf(
  to: {
    write(text: string): unknown;
    on(event: "error", then: () => void): unknown;
  },
  from: {
    on(event: "data", then: (data: unknown) => void): unknown;
    on(event: "error", then: () => void): unknown;
  },
): Promise<string> {
  return await new Promise((resolve) => {
    from.on("data", (data) => resolve(String(data)));
    from.on("error", () => resolve(""));
    to.on("error", () => resolve(""));
    to.write(QUESTION);
    setTimeout(() => resolve(""), 100);
  });
}

async function askAsFile(descriptor: number): Promise<string> {
  writeSync(descriptor, QUESTION);
  const buffer = new Uint8Array(256);
  return await new Promise((resolve) => {
    read(
      descriptor,
      buffer,
      0,
      buffer.length,
      null,
      (error, length) =>
        resolve(
          error ? "" : new TextDecoder().decode(buffer.subarray(0, length)),
        ),
    );
    setTimeout(() => resolve(""), 100);
  });
}
