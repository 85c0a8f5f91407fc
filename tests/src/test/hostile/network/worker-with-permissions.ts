// Starts a worker that claims more permissions than the app has.
import { type Target, within } from "../attack.ts";

export const layer = "namespaces";

export default async function (target: Target): Promise<string | null> {
  const source = `
    try {
      const text = Deno.readTextFileSync(${JSON.stringify(target.hostFile)});
      postMessage(text);
    } catch (error) {
      postMessage(null);
    }`;
  const url = `data:application/typescript,${encodeURIComponent(source)}`;
  return await within(
    5000,
    new Promise((resolve) => {
      const options = {
        type: "module",
        deno: { permissions: "inherit" },
      } as WorkerOptions;
      const worker = new Worker(url, options);
      worker.onmessage = (event) => resolve(event.data);
      worker.onerror = (event) => {
        event.preventDefault();
        resolve(null);
      };
    }),
  );
}
