package io.dropserver.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.tests.forge.FakeForge.ReceivedStatus;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checks the statuses that the forge shows on commits. */
class CommitStatusTest {
  @TempDir Path folder;

  @Test
  void eachRevisionGetsACommitStatusAtTheForge() throws Exception {
    try (ApprovalFixture fixture =
        ApprovalFixture.create(folder, "export default { fetch: () => new Response() };", "{}")) {
      fixture.start("quiet");
      ConfigRepository repository = fixture.instance.repository();
      String good = repository.head();
      String bad = repository.write("users/bob.yaml", "kind: User\n").push("A broken file");
      fixture.deliverPush();
      await()
          .atMost(LiveInstance.TIMEOUT)
          .untilAsserted(
              () ->
                  assertThat(fixture.forge.statuses())
                      .extracting(ReceivedStatus::commit)
                      .containsExactly(good, bad));
      assertThat(fixture.forge.statuses().getFirst().state()).isEqualTo("success");
      ReceivedStatus refused = fixture.forge.statuses().getLast();
      assertThat(refused.state()).isEqualTo("failure");
      assertThat(refused.description()).startsWith("users/bob.yaml:1:");
    }
  }
}
