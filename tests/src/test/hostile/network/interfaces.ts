// Sees a network interface of the host.
import { readByCalls, type Target } from "../attack.ts";

export const layer = "namespaces";

export default function (_target: Target): string | null {
  const lines = readByCalls("/proc/net/dev").split("\n").slice(2).map((line) =>
    line.split(":")[0].trim()
  );
  const others = lines.filter((name) => name !== "" && name !== "lo");
  return others.join(" ") || null;
}
