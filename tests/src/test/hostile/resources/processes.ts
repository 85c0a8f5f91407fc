// Makes threads until the machine is full (fork bomb by clone).
import type { Target } from "../attack.ts";

export const layer = "cgroup";

// The threads of a second kernel's app exist only in that kernel, and use only its memory.
export const judge = "host";

/** More than limits.processes of the suite (128) and the threads of a second kernel (96). */
const MANY = 300;

export default async function (_target: Target): Promise<string | null> {
  // A thread that waits for a lock needs little memory; a worker needs so much that the memory
  // of a small machine ends first, which is another attack.
  const path = "/data/lock";
  const holder = await Deno.open(path, { create: true, write: true });
  await holder.lock(true);
  for (let i = 0; i < 400; i++) {
    const file = await Deno.open(path, { write: true });
    file.lock(true);
  }
  const threads = await mostThreads();
  return threads > MANY ? `${threads} threads` : null;
}

/** Waits until there are more than MANY threads, or none was added for five seconds. */
async function mostThreads(): Promise<number> {
  let most = 0;
  for (let quiet = 0; quiet < 25 && most <= MANY; quiet++) {
    const now = [...Deno.readDirSync("/proc/self/task")].length;
    if (now > most) {
      most = now;
      quiet = 0;
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return most;
}
