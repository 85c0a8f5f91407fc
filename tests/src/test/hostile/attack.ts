// Types and helpers of attacks. An attack is a file in the folder of its group:
//
//   // One sentence that describes what it tries.
//   export const layer = "namespaces"; // the layer that must stop it when Deno's is off
//   export const judge = "host"; // optional: it relies on claims of the kernel that it talks to
//   export default async function (target: Target): Promise<string | null> { … }
//
// It returns what it obtained, or null. An exception means that it was stopped. It never claims
// more than it has: if there is a canary to read, the suite compares it. Behind a second kernel,
// the result of an attack with that judge is decided by inspecting the host.

/** What a skilled attacker could know about the host. All of it exists while an attack runs. */
export interface Target {
  /** A world-readable file of the host. */
  hostFile: string;
  /** A world-writable folder of the host. */
  hostFolder: string;
  /** The data folder of another appspace on the host; it contains `diary.txt`. */
  neighbourData: string;
  /** This appspace's own app files, on the host. */
  appFiles: string;
  /** A Unix socket of the host that sends the canary to every client. */
  hostSocket: string;
  /** An abstract Unix socket that does the same. */
  abstractSocket: string;
  /** A TCP port of the host's loopback that sends the canary to every client. */
  tcpPort: number;
  /** A UDP port of the host's loopback that answers with the canary. */
  udpPort: number;
  /** Addresses of the host that are not loopback; may be empty. */
  addresses: string[];
  /** A process of the host. */
  pid: number;
  /** The state folder of the server. */
  state: string;
  /** The id of a member of another appspace. Only with a host API, as `neighbourClaim`. */
  neighbourMember: string;
  /** The id of another appspace's claim to stay awake. */
  neighbourClaim: string;
}

export type Attack = (target: Target) => Promise<string | null> | string | null;

const LIBC = {
  syscall: {
    parameters: ["i64", "i64", "i64", "i64", "i64", "i64", "i64"],
    result: "i64",
  },
  open: { parameters: ["buffer", "i32", "i32"], result: "i32" },
  read: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  write: { parameters: ["i32", "buffer", "usize"], result: "isize" },
} as const;

function library(): Deno.DynamicLibrary<typeof LIBC> {
  for (
    const name of [
      "libc.so.6",
      "/usr/lib/x86_64-linux-gnu/libc.so.6",
      "/lib/libc.so.6",
    ]
  ) {
    try {
      return Deno.dlopen(name, LIBC);
    } catch (error) {
      if (error instanceof Deno.errors.NotCapable) throw error;
    }
  }
  throw new Error("no C library in this sandbox");
}

/** A system call by number, x86-64; the result is -1 on failure. Only with Deno's own layer off. */
export function syscall(
  number: number,
  ...parameters: (number | bigint)[]
): number {
  const libc = library();
  try {
    return call(libc, number, parameters);
  } finally {
    libc.close();
  }
}

/** Repeats a call until it fails, up to a maximum. Returns the number of successful calls. */
export function repeat(
  times: number,
  number: number,
  ...parameters: (number | bigint)[]
): number {
  const libc = library();
  try {
    let count = 0;
    while (count < times && call(libc, number, parameters) >= 0) count++;
    return count;
  } finally {
    libc.close();
  }
}

function call(
  libc: Deno.DynamicLibrary<typeof LIBC>,
  number: number,
  parameters: (number | bigint)[],
): number {
  const all = [...parameters, 0, 0, 0, 0, 0, 0].slice(0, 6).map(BigInt);
  return Number(
    libc.symbols.syscall(
      BigInt(number),
      all[0],
      all[1],
      all[2],
      all[3],
      all[4],
      all[5],
    ),
  );
}

/** The address of bytes, for a system call's argument; keep the bytes alive until it returns. */
export function pointer(bytes: Uint8Array<ArrayBuffer>): bigint {
  return Deno.UnsafePointer.value(Deno.UnsafePointer.of(bytes));
}

/** Returns a text as a C string. */
export function cString(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text + "\0");
}

/** Reads a file with system calls only, bypassing Deno's checks. */
export function readByCalls(path: string): string {
  const libc = library();
  try {
    const descriptor = libc.symbols.open(cString(path), 0, 0);
    if (descriptor < 0) throw new Error(`open ${path} failed`);
    return readDescriptor(descriptor);
  } finally {
    libc.close();
  }
}

/** Reads at most 4 KiB from a descriptor of this process. */
export function readDescriptor(descriptor: number): string {
  const libc = library();
  try {
    const buffer = new Uint8Array(4096);
    const length = Number(libc.symbols.read(descriptor, buffer, 4096n));
    if (length < 0) throw new Error(`read of descriptor ${descriptor} failed`);
    return new TextDecoder().decode(buffer.subarray(0, length));
  } finally {
    libc.close();
  }
}

/** Returns the first bytes that a connection sends. */
export async function firstBytes(connection: Deno.Conn): Promise<string> {
  const buffer = new Uint8Array(256);
  try {
    const length = await connection.read(buffer) ?? 0;
    return new TextDecoder().decode(buffer.subarray(0, length));
  } finally {
    connection.close();
  }
}

/** Rejects after a timeout, for operations that could otherwise block for ever. */
export async function within<T>(
  milliseconds: number,
  work: Promise<T>,
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("no answer")), milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Evaluates an expression in a worker, where no preload runs. Rejects if it throws. */
export async function inWorker(expression: string): Promise<string> {
  const source =
    `try { postMessage([String(${expression})]); } catch (e) { postMessage(String(e)); }`;
  const url = `data:text/javascript,${encodeURIComponent(source)}`;
  const worker = new Worker(url, { type: "module" });
  const answer = await new Promise<string | [string]>((resolve) => {
    worker.onmessage = (event) => resolve(event.data);
  });
  worker.terminate();
  if (typeof answer === "string") throw new Error(answer);
  return answer[0];
}
