// Asks a permission question on Deno's connections, opened as a file.
import { answerOwnQuestions } from "../descriptors.ts";
import type { Target } from "../attack.ts";

export const layer = "deno";

export default async function (_target: Target): Promise<string | null> {
  return await answerOwnQuestions("file");
}
