// Opens a database in a folder of the host.
import { DatabaseSync } from "node:sqlite";
import type { Target } from "../attack.ts";

export const layer = "namespaces";

export default function (target: Target): string | null {
  const database = new DatabaseSync(`${target.hostFolder}/own.db`);
  database.exec("CREATE TABLE planted (x)");
  return "planted";
}
