// Turns on swapping to a file of its own.
import { cString, pointer, syscall, type Target } from "../attack.ts";

export const layer = "seccomp";

/** A swap file as written by mkswap: ten pages, with a header in the first. */
function swapFile(): Uint8Array<ArrayBuffer> {
  const file = new Uint8Array(10 * 4096).fill(1, 4096);
  const header = new DataView(file.buffer);
  header.setUint32(1024, 1, true);
  header.setUint32(1028, 9, true);
  file.set(new TextEncoder().encode("SWAPSPACE2"), 4086);
  return file;
}

export default function (_target: Target): string | null {
  using file = Deno.openSync("/data/swap", { write: true, create: true });
  file.writeSync(swapFile());
  file.syncSync();
  const path = cString("/data/swap");
  return syscall(167, pointer(path), 0) === 0 ? "succeeded" : null;
}
