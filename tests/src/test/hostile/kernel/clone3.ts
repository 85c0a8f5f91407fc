// Makes a process in new namespaces with clone3, whose flags seccomp cannot read.
import { pointer, syscall, type Target } from "../attack.ts";

export const layer = "seccomp";

export default function (_target: Target): string | null {
  const parameters = new Uint8Array(88);
  const view = new DataView(parameters.buffer);
  // CLONE_NEWUSER | CLONE_VFORK | CLONE_VM would share the stack: a flag that must be refused is enough.
  view.setBigUint64(0, 0x10000000n, true);
  view.setBigUint64(32, 17n, true);
  return ((child) => child > 0)(syscall(435, pointer(parameters), 88))
    ? "succeeded"
    : null;
}
