package io.dropserver.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.sandbox.SandboxHost.Layer;
import io.dropserver.state.condition.Condition;
import io.dropserver.state.site.Site;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each appspace reports its isolation, and no isolation is weakened silently. */
class IsolationTest {
  private static final Layer NAMESPACES = new Layer("namespaces", true, "all of them", "");

  @TempDir Path folder;
  private final SampleRepo repo = new SampleRepo().appspace("garden");
  private final FakeSource source = new FakeSource();
  private TestServer server;

  @BeforeEach
  void start() {
    server = new TestServer(folder, source, new TestServer.Store(source));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void everyLayerIsNamed() throws Exception {
    serve();
    assertThat(server.condition("garden", "Isolated"))
        .hasValueSatisfying(
            isolated -> {
              assertThat(isolated.status()).isTrue();
              assertThat(isolated.reason()).isEqualTo("AllLayers");
              assertThat(isolated.message()).contains("namespaces: ");
            });
  }

  @Test
  void aWeakerModeThatTheHostAcceptsIsShown() throws Exception {
    server.sandboxes.layers =
        List.of(NAMESPACES, new Layer("uid", false, "no root here", "run it as root"));
    serve();
    assertThat(server.status("garden").ready()).isTrue();
    assertThat(server.condition("garden", "Isolated"))
        .hasValueSatisfying(
            isolated -> {
              assertThat(isolated.status()).isFalse();
              assertThat(isolated.reason()).isEqualTo("Weaker");
              assertThat(isolated.message())
                  .contains("without uid (no root here; run it as root)")
                  .contains("sandbox.allowWeaker");
            });
  }

  @Test
  void aMissingLayerRefusesWithTheCommandThatBringsIt() throws Exception {
    server.sandboxes.layers =
        List.of(NAMESPACES, new Layer("cgroup", false, "no group to write", "delegate one"));
    serve();
    assertRefused("the layer cgroup is missing: no group to write; delegate one");
  }

  @Test
  void aKindOfIsolationThatTheMachineHasNotIsRefused() throws Exception {
    repo.appspace("garden", "isolation: microvm");
    serve();
    assertRefused("is not available");
  }

  private void assertRefused(String why) {
    assertThat(server.status("garden").ready()).isFalse();
    assertThat(server.sandboxes.declared).doesNotContainKey("garden");
    assertThat(server.site("garden").state()).isInstanceOf(Site.Failed.class);
    for (String type : List.of("Ready", "Isolated")) {
      Condition condition = server.condition("garden", type).orElseThrow();
      assertThat(condition.status()).isFalse();
      assertThat(condition.reason()).isEqualTo("IsolationUnavailable");
      assertThat(condition.message()).contains(why);
    }
  }

  private void serve() throws Exception {
    source.push(repo.files());
    server.start();
    server.sync();
  }
}
