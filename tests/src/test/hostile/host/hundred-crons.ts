// Registers more jobs than an appspace may have, and jobs of another appspace.
import type { Target } from "../attack.ts";
import { accepted, call } from "../host-api.ts";

export const layer = "gateway";
export const control = false; // only a server has this API

export default async function (_target: Target): Promise<string | null> {
  const crons = (count: number) =>
    Array.from(
      { length: count },
      (_, i) => ({ name: `n${i}`, schedule: "* * * * *" }),
    );
  const obtained: string[] = [];
  const bodies = [
    { crons: crons(100) },
    { crons: crons(21) },
    { appspace: "neighbour", crons: crons(21) },
    { crons: [{ name: "x\r\nDropserver-Job: y", schedule: "* * * * *" }] },
    { crons: [{ name: "fast", schedule: "* * * * * *" }] },
  ];
  for (const body of bodies) {
    obtained.push(
      ...accepted(await call("PUT", "/crons", JSON.stringify(body))),
    );
  }
  for (let i = 0; i < 30; i++) {
    try {
      Deno.cron(`cron ${i}`, "* * * * *", () => {});
      if (i >= 20) obtained.push(`Deno.cron ${i}`);
    } catch {
      break;
    }
  }
  // It changes them so often that the host writes without end.
  let changes = 0;
  for (let i = 0; i < 100; i++) {
    const body = JSON.stringify({
      crons: [{ name: `c${i}`, schedule: "0 0 1 1 *" }],
    });
    if ((await call("PUT", "/crons", body)).status === 200) changes++;
  }
  if (changes > 25) obtained.push(`${changes} changes`);
  return obtained.join("; ") || null;
}
