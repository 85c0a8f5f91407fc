// Compiles WebAssembly straight from the network.
import { type Target, within } from "../attack.ts";

export const layer = "namespaces";

export default async function (target: Target): Promise<string | null> {
  await within(
    3000,
    WebAssembly.compileStreaming(
      fetch(`http://127.0.0.1:${target.tcpPort}/x.wasm`),
    ),
  );
  return "compiled";
}
