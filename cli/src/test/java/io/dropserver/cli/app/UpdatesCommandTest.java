package io.dropserver.cli.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.cli.CommandRun;
import io.dropserver.cli.FakeServer;
import org.junit.jupiter.api.Test;

class UpdatesCommandTest {
  /** The server then names the account that it verifies. */
  private static final String ME = "";

  private final FakeServer server = new FakeServer();

  @Test
  void listNamesVersionAndPullRequest() {
    server.updates.offer("wiki", "5.4.1");
    assertThat(CommandRun.of(server, "updates", "list").out())
        .contains("wiki", "5.4.1", "https://forge.example/pull/7", "smaller");
    assertThat(CommandRun.of(server, "updates", "list", "-o", "json").out())
        .contains("\"updates\"", "\"offeredAt\"");
  }

  @Test
  void theOnlyOfferNeedsNoVersion() {
    server.updates.offer("wiki", "5.4.1");
    assertThat(CommandRun.of(server, "updates", "merge", "wiki").out())
        .startsWith("merged wiki 5.4.1");
    assertThat(CommandRun.of(server, "updates", "decline", "wiki").out())
        .startsWith("declined wiki 5.4.1");
    assertThat(server.updates.calls)
        .containsExactly("merge wiki 5.4.1 c0ffee by " + ME, "decline wiki 5.4.1 by " + ME);
  }

  @Test
  void oneOfSeveralOffersHasToBeNamed() {
    server.updates.offer("wiki", "5.4.1");
    server.updates.offer("wiki", "5.5.0");
    assertThat(CommandRun.of(server, "updates", "merge", "wiki").err())
        .contains("several versions", "5.4.1, 5.5.0");
    assertThat(CommandRun.of(server, "updates", "merge", "wiki", "9.9.9").err())
        .contains("version 9.9.9 of wiki is not offered", "dropserver updates list");
    assertThat(server.updates.calls).isEmpty();
    CommandRun.of(server, "updates", "merge", "wiki", "5.5.0");
    assertThat(server.updates.calls).containsExactly("merge wiki 5.5.0 c0ffee by " + ME);
  }
}
