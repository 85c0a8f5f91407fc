// Asks a permission question on Deno's connections in a worker, where no preload runs.
import { type Target, within } from "../attack.ts";

export const layer = "deno";

export default async function (_target: Target): Promise<string | null> {
  const source = `
    import { answerOwnQuestions } from "${new URL(
    "../descriptors.ts",
    import.meta.url,
  )}";
    try {
      postMessage(await answerOwnQuestions("socket"));
    } catch {
      postMessage(null);
    }`;
  const url = `data:application/typescript,${encodeURIComponent(source)}`;
  return await within(
    30_000,
    new Promise((resolve) => {
      const worker = new Worker(url, { type: "module" });
      worker.onmessage = (event) => resolve(event.data);
      worker.onerror = (event) => {
        event.preventDefault();
        resolve(null);
      };
    }),
  );
}
