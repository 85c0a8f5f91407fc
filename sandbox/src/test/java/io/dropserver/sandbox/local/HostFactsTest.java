package io.dropserver.sandbox.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.sandbox.deno.DenoLayer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Asks Deno everything that could distinguish two hosts. host_facts.tsv contains the answers. */
@Timeout(120)
class HostFactsTest {
  @TempDir private Path folder;

  @Test
  void everyQuestionAboutTheHostHasOneAnswer() throws Exception {
    List<String> expected = resource("host_facts.tsv").lines().filter(l -> !l.isBlank()).toList();
    List<String> found = new ArrayList<>();
    try (TestHost test = new TestHost(folder, DenoLayer.ON, TestHost.TIMEOUT)) {
      TestHost.get(test.host.start(test.spec(code(expected)))).lines().forEach(found::add);
    }
    assertThat(found).containsExactlyElementsOf(expected);
  }

  /**
   * Code that prints a line for each expression of the table: the expression, a tab, its value as
   * JSON.
   */
  private static String code(List<String> table) {
    StringBuilder questions = new StringBuilder();
    for (String line : table) {
      String expression = line.substring(0, line.indexOf('\t'));
      questions.append("  [%s, () => %s],%n".formatted(quoted(expression), expression));
    }
    return """
    // deno-lint-ignore-file
    import * as named from "node:os";
    import os from "node:os";
    import process from "node:process";
    import { createRequire } from "node:module";
    const required = createRequire(import.meta.url)("node:os");
    const inWorker = (expression: string) => new Promise((answer) => {
      const source = `let it; try { it = ${expression} } catch (e) { it = e.name } postMessage(it)`;
      const worker = new Worker("data:text/javascript," + encodeURIComponent(source), { type: "module" });
      worker.onmessage = (event) => { answer(event.data); worker.terminate(); };
    });
    const questions: [string, () => unknown][] = [
    %s];
    export default {
      async fetch(): Promise<Response> {
        const lines = [];
        for (const [name, ask] of questions) {
          let answer;
          try { answer = JSON.stringify(await ask()); } catch (error) { answer = (error as Error).name; }
          lines.push(`${name}\\t${answer}`);
        }
        return new Response(lines.join("\\n"));
      },
    };
    """
        .formatted(questions);
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  private static String resource(String name) throws IOException {
    try (var input = HostFactsTest.class.getResourceAsStream(name)) {
      return new String(input.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
