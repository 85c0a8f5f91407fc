// Adds a key to a keyring that other users share.
import { cString, pointer, syscall, type Target } from "../attack.ts";

export const layer = "seccomp";

export default function (_target: Target): string | null {
  const type = cString("user");
  const name = cString("attack");
  const value = cString("key");
  return syscall(248, pointer(type), pointer(name), pointer(value), 4, -4) >= 0
    ? "succeeded"
    : null;
}
