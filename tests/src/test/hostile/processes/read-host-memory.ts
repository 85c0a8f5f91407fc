// Reads the memory of a host process (process_vm_readv).
import { pointer, syscall, type Target } from "../attack.ts";

export const layer = "namespaces";

export default function (target: Target): string | null {
  const maps = Deno.readTextFileSync(`/proc/${target.pid}/maps`);
  const address = BigInt("0x" + maps.slice(0, maps.indexOf("-")));
  const local = new Uint8Array(16);
  const buffer = new Uint8Array(8);
  new DataView(local.buffer).setBigUint64(0, pointer(buffer), true);
  new DataView(local.buffer).setBigUint64(8, 8n, true);
  const remote = new Uint8Array(16);
  new DataView(remote.buffer).setBigUint64(0, address, true);
  new DataView(remote.buffer).setBigUint64(8, 8n, true);
  return syscall(310, target.pid, pointer(local), 1, pointer(remote), 1, 0) > 0
    ? "read"
    : null;
}
