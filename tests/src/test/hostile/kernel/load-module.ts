// Loads a kernel module.
import { cString, pointer, syscall, type Target } from "../attack.ts";

export const layer = "seccomp";

export default function (_target: Target): string | null {
  // The kernel accepts Debian's compressed module with this flag.
  for (const version of Deno.readDirSync("/lib/modules")) {
    const folder = `/lib/modules/${version.name}/kernel/drivers/net`;
    const path = cString(`${folder}/dummy.ko.xz`);
    const descriptor = syscall(2, pointer(path), 0, 0);
    if (descriptor < 0) continue;
    const options = cString("");
    if (syscall(313, descriptor, pointer(options), 4) === 0) return "loaded";
  }
  return null;
}
