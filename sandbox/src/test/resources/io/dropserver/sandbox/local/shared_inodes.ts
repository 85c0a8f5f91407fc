// Sends and receives bits through files that two sandboxes can open. SharedInodesTest requests one
// action at a time.
const ROOTS = [
  "/app",
  "/dropserver",
  "/dropserver/runtime",
  "/dropserver/cache",
  "/dev",
  "/usr",
  "/lib",
  "/lib64",
  "/run",
  "/proc/sys/kernel",
];
const DENO = "/dropserver/deno";

const held: Deno.FsFile[] = [];

function* everything(folders: string[]): Generator<string> {
  for (const folder of folders) {
    try {
      for (const entry of [...Deno.readDirSync(folder)]) {
        const path = `${folder}/${entry.name}`;
        if (entry.isDirectory) yield* everything([path]);
        else yield path;
      }
    } catch {
      // Not in this sandbox, or not permitted with this layer.
    }
  }
}

/** Whether the lock was acquired; undefined for a file that cannot be opened. */
function lock(path: string, keep: boolean): boolean | undefined {
  try {
    const file = Deno.openSync(path);
    const had = file.tryLockSync(true);
    if (had && keep) held.push(file);
    else file.close();
    return had;
  } catch {
    return undefined;
  }
}

/** Opened on first use, because Deno's own layer refuses it. */
let opened: ReturnType<typeof open> | undefined;
const open = () =>
  Deno.dlopen("libc.so.6", {
    syscall: { parameters: ["i64", "i64", "i64", "i64", "i64", "i64", "i64"], result: "i64" },
    later: {
      name: "syscall",
      parameters: ["i64", "i64", "i64", "i64", "i64", "i64", "i64"],
      result: "i64",
      nonblocking: true,
    },
  });

type Words = [bigint, bigint, bigint, bigint, bigint, bigint, bigint];

function words(...all: (number | bigint)[]): Words {
  return [...all, 0, 0, 0, 0, 0, 0].slice(0, 7).map(BigInt) as Words;
}

function syscall(...all: (number | bigint)[]): bigint {
  opened ??= open();
  return opened.symbols.syscall(...words(...all));
}

function address(bytes: Uint8Array<ArrayBuffer> | BigInt64Array<ArrayBuffer>): bigint {
  return Deno.UnsafePointer.value(Deno.UnsafePointer.of(bytes));
}

function descriptor(path: string): bigint {
  return syscall(2, address(new TextEncoder().encode(path + "\0")), 0, 0);
}

/** A struct flock of fcntl(2) for the whole file. */
function flock(type: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(32);
  new DataView(bytes.buffer).setInt16(0, type, true);
  return bytes;
}

/** The first page of Deno's executable, shared with every process that runs it. */
function page(): bigint {
  return syscall(9, 0, 4096, 1, 1, descriptor(DENO), 0);
}

let watch = -1n;
const second = new BigInt64Array([2n, 0n]);

const actions: Record<string, (path: string) => unknown> = {
  lockAll: () =>
    [...everything(ROOTS), ...ROOTS].filter((path) => lock(path, true)).map((it) => it + " ")
      .join(""),
  lockedByOthers: () =>
    [...everything(ROOTS), ...ROOTS].filter((path) => lock(path, false) === false).join(" "),
  // F_OFD_SETLK of a read lock, and F_OFD_GETLK for a write lock.
  recordLock: (path) => syscall(72, descriptor(path), 37, address(flock(0))),
  recordLocked: (path) => {
    const found = flock(1);
    syscall(72, descriptor(path), 36, address(found));
    return found[0] !== 2;
  },
  lease: (path) => syscall(72, descriptor(path), 1024, 0),
  watch: (path) => {
    watch = syscall(294, 0o4000);
    return syscall(254, watch, address(new TextEncoder().encode(path + "\0")), 0xfff);
  },
  watched: () => {
    // Ignores the event of its own open, which "recordLocked" made.
    const events = new Uint8Array(4096);
    return syscall(0, watch, address(events), 4096);
  },
  wake: () => syscall(202, page(), 1, 10),
  wait: () => {
    const at = page();
    const value = new Deno.UnsafePointerView(Deno.UnsafePointer.create(at)!).getInt32();
    opened ??= open();
    return opened.symbols.later(...words(202, at, 0, value, address(second)));
  },
};

export default {
  async fetch(request: Request): Promise<Response> {
    const query = new URL(request.url).searchParams;
    const action = actions[query.get("do") ?? ""];
    try {
      return new Response(String(await action(query.get("path") ?? "")));
    } catch (error) {
      return new Response(String(error));
    }
  },
};
