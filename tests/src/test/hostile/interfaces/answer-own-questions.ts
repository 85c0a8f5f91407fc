// Asks a permission question on the connections that Deno keeps open, so that Deno takes the answer.
import { answerOwnQuestions } from "../descriptors.ts";
import type { Target } from "../attack.ts";

export const layer = "deno";

export default async function (_target: Target): Promise<string | null> {
  return await answerOwnQuestions("socket");
}
