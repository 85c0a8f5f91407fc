// Asks a permission question on Deno's connections, opened as a terminal.
import { answerOwnQuestions } from "../descriptors.ts";
import type { Target } from "../attack.ts";

export const layer = "deno";

export default async function (_target: Target): Promise<string | null> {
  return await answerOwnQuestions("terminal");
}
