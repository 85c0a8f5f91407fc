// Asks for real-time scheduling.
import { pointer, syscall, type Target } from "../attack.ts";

export const layer = "namespaces";

export default function (_target: Target): string | null {
  const parameters = new Uint8Array(8);
  parameters[0] = 50;
  return syscall(144, 0, 1, pointer(parameters)) === 0 ? "succeeded" : null;
}
