// Makes threads until the machine is full (fork bomb by clone).
import type { Target } from "../attack.ts";

export const layer = "cgroup";

export default async function (_target: Target): Promise<string | null> {
  // A thread that waits for a lock needs little memory; a worker needs so much that the memory
  // of a small machine ends first, which is another attack.
  const path = "/data/lock";
  const holder = await Deno.open(path, { create: true, write: true });
  await holder.lock(true);
  const waiting: Promise<void>[] = [];
  for (let i = 0; i < 200; i++) {
    const file = await Deno.open(path, { write: true });
    waiting.push(file.lock(true).then(() => file.close()));
  }
  const threads = await mostThreads();
  holder.close();
  await Promise.all(waiting);
  return threads > 128 ? `${threads} threads` : null;
}

/** Waits until there are more than 128 threads, or none was added for five seconds. */
async function mostThreads(): Promise<number> {
  let most = 0;
  for (let quiet = 0; quiet < 25 && most <= 128; quiet++) {
    const now = [...Deno.readDirSync("/proc/self/task")].length;
    if (now > most) {
      most = now;
      quiet = 0;
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return most;
}
