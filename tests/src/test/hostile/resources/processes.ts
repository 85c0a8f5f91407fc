// Makes threads until the machine is full (fork bomb by clone).
import type { Target } from "../attack.ts";

export const layer = "cgroup";

export default async function (_target: Target): Promise<string | null> {
  // Deno's own threads and those of workers count as well.
  const workers: Worker[] = [];
  const url = "data:application/javascript," +
    encodeURIComponent("setInterval(() => {}, 1000)");
  const count = () => [...Deno.readDirSync("/proc/self/task")].length;
  // No more than necessary, because the memory of many workers is another attack.
  for (let i = 0; i < 200 && count() <= 128; i++) {
    workers.push(new Worker(url, { type: "module" }));
  }
  // An emulated machine is slow.
  const end = Date.now() + 120_000;
  while (count() <= 128 && Date.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  const threads = count();
  for (const worker of workers) worker.terminate();
  return threads > 128 ? `${threads} threads` : null;
}
