package io.dropserver.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.control.BackupEntry;
import io.dropserver.control.BackupOrder;
import io.dropserver.control.BackupVerb;
import io.dropserver.control.ControlException;
import io.dropserver.schema.host.HostConfig.BackupTarget;
import io.dropserver.state.AtomicFiles;
import io.dropserver.state.condition.Condition;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Several backup repositories with real restic. One fails, and one never answers. */
@Tag("slow")
class FurtherRepositoriesTest extends BackupRepositoriesFixture {
  @Test
  void eachRepositoryHasItsOwnResultAndAFailingOneSpoilsNoOther() throws Exception {
    Path password = Files.writeString(folder.resolve("password"), "not the right one");
    String offsite = folder.resolve("offsite").toString();
    var repositories = new TreeMap<String, BackupTarget>();
    repositories.put("offsite", target(offsite, Optional.empty()));
    repositories.put(
        "broken",
        new BackupTarget(
            offsite, Optional.of(password), Optional.empty(), Optional.empty(), ZoneOffset.UTC));
    BackupModule backups = open(repositories);
    run(backups, BackupVerb.NOW, Optional.of("offsite"));
    assertThatThrownBy(() -> run(backups, BackupVerb.NOW, Optional.of("broken")))
        .isInstanceOf(ControlException.class);
    run(backups, BackupVerb.NOW, Optional.empty());
    List<Condition> conditions = conditions(backups);
    assertThat(conditions)
        .extracting(Condition::type)
        .containsExactly("BackedUp", "RepositoryBackedUp", "RepositoryBackedUp");
    assertThat(conditions).extracting(Condition::status).containsExactly(true, false, true);
    assertThat(conditions.get(1).message()).startsWith("broken: ");
    assertThat(conditions.get(2).message()).startsWith("offsite: the newest good backup");
    var metrics = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    backups.bindTo(metrics, Clock.systemUTC());
    assertThat(metrics.scrape().lines())
        .contains(
            "dropserver_backups_failing{repository=\"\"} 0.0",
            "dropserver_backups_failing{repository=\"broken\"} 1.0",
            "dropserver_backups_failing{repository=\"offsite\"} 0.0");
    assertThat(backups.service().backups(Optional.of("offsite")))
        .extracting(BackupEntry::appspace)
        .containsExactly("garden");
    assertThatThrownBy(() -> backups.service().backups(Optional.of("elsewhere")))
        .hasMessageContaining("no repository \"elsewhere\"")
        .hasMessageContaining("broken, offsite");
    assertThat(backups.service().recoveryKit().repositories())
        .extracting(io.dropserver.control.RecoveryKit.Repository::name)
        .containsExactly("broken", "offsite");
  }

  @Test
  void theResultsOfARepositoryOutliveARestart() {
    var repositories = new TreeMap<String, BackupTarget>();
    repositories.put("offsite", target(folder.resolve("offsite").toString(), Optional.empty()));
    run(open(repositories), BackupVerb.NOW, Optional.of("offsite"));
    List<Condition> after = conditions(open(repositories));
    assertThat(after).extracting(Condition::status).containsExactly(false, true);
    assertThat(after.get(0).message()).startsWith("no backup yet");
  }

  @Test
  void dataIsRestoredFromTheRepositoryThatIsNamed() throws Exception {
    var repositories = new TreeMap<String, BackupTarget>();
    Path offsite = folder.resolve("offsite");
    repositories.put("offsite", target(offsite.toString(), Optional.empty()));
    BackupModule backups = open(repositories);
    run(backups, BackupVerb.NOW, Optional.of("offsite"));
    run(backups, BackupVerb.NOW, Optional.empty());
    AtomicFiles.deleteTree(folder.resolve("state/backups/repository"));
    Files.writeString(data.resolve("note"), "damaged");
    BackupOrder order =
        new BackupOrder(
            BackupVerb.RESTORE,
            Optional.of("garden"),
            Optional.of("latest"),
            Optional.of(folder.resolve("restored").toString()),
            List.of());
    assertThatThrownBy(() -> backups.service().run(order, step -> {}))
        .isInstanceOf(ControlException.class);
    backups.service().run(order.in(Optional.of("offsite")), step -> {});
    assertThat(folder.resolve("restored/note")).hasContent("first");
    run(backups, BackupVerb.RESTORE, Optional.of("offsite"));
    assertThat(server.use("garden").resolve("note")).hasContent("first");
  }

  @Test
  void aRepositoryHasItsOwnSchedule() {
    var repositories = new TreeMap<String, BackupTarget>();
    repositories.put("often", target(folder.resolve("often").toString(), Optional.of("7 * * * *")));
    repositories.put("same", target(folder.resolve("same").toString(), Optional.empty()));
    BackupModule backups = open(repositories);
    var often =
        Objects.requireNonNull(backups.further().get("often")).plan().next("garden").orElseThrow();
    assertThat(often.atZone(ZoneOffset.UTC).getMinute()).isEqualTo(7);
    assertThat(Objects.requireNonNull(backups.further().get("same")).plan().next("garden"))
        .isEqualTo(backups.first().plan().next("garden"));
  }

  /** A repository accepts the connection and never answers. */
  @Test
  void aRepositoryThatNeverAnswersDelaysNoOther() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"))) {
      var repositories = new TreeMap<String, BackupTarget>();
      repositories.put(
          "silent",
          target("rest:http://127.0.0.1:" + silent.getLocalPort() + "/", Optional.empty()));
      BackupModule backups = open(repositories);
      CompletableFuture<Void> stuck =
          CompletableFuture.runAsync(
              () -> run(backups, BackupVerb.NOW, Optional.of("silent")),
              task -> Thread.ofVirtual().start(task));
      try (var connection = silent.accept()) {
        run(backups, BackupVerb.NOW, Optional.empty());
        assertThat(stuck).isNotDone();
        assertThat(connection.isClosed()).isFalse();
      }
      backups.stop();
      assertThat(stuck.handle((ok, failure) -> failure).get(60, TimeUnit.SECONDS)).isNotNull();
    }
  }
}
