// Pushes characters into the terminal of the user who started the server (TIOCSTI).
import { cString, pointer, syscall, type Target } from "../attack.ts";

export const layer = "namespaces";

export default function (_target: Target): string | null {
  const letter = cString("x");
  for (const descriptor of [0, 1, 2]) {
    if (syscall(16, descriptor, 0x5412, pointer(letter)) === 0) {
      return "injected";
    }
  }
  return null;
}
