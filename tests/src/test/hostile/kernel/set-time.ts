// Changes the time of the machine.
import { pointer, syscall, type Target } from "../attack.ts";

export const layer = "namespaces";
export const control = false;

export default function (_target: Target): string | null {
  const time = new Uint8Array(16);
  return syscall(227, 0, pointer(time)) === 0 ? "succeeded" : null;
}
