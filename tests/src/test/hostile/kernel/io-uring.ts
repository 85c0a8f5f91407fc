// Sets up a submission ring that seccomp does not see (io_uring).
import { pointer, syscall, type Target } from "../attack.ts";

export const layer = "seccomp";

export default function (_target: Target): string | null {
  const parameters = new Uint8Array(120);
  return syscall(425, 4, pointer(parameters)) >= 0 ? "succeeded" : null;
}
