// Is in the session of the server.
import { syscall, type Target } from "../attack.ts";

export const layer = "namespaces";
// In the control run, every attacker has its own session with a terminal.
export const control = false;

export default function (_target: Target): string | null {
  const session = syscall(124, 0);
  return session <= 0 ? `session ${session}` : null;
}
