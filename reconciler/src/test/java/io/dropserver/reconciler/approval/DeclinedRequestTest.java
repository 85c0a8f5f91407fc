package io.dropserver.reconciler.approval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.dropserver.egress.Destination;
import io.dropserver.reconciler.approval.ApprovalRequest.State;
import io.dropserver.reconciler.converge.Backoff;
import io.dropserver.reconciler.source.GitSettings;
import io.dropserver.reconciler.source.GitSource;
import io.dropserver.reconciler.source.HttpGit;
import io.dropserver.reconciler.source.PushStyle;
import io.dropserver.reconciler.source.RemoteAccess;
import io.dropserver.reconciler.source.TestSettings;
import io.dropserver.reconciler.source.WriteRemote;
import io.dropserver.schema.read.InstanceReader;
import io.dropserver.schema.read.ReadOptions;
import io.dropserver.state.StateDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** A remote that refuses the branches of one appspace, like a hook or a rule of a forge. */
@Tag("slow") // a failed request is tried again after five seconds
class DeclinedRequestTest {
  private static final Clock CLOCK = Clock.systemUTC();
  private static final Duration AT_MOST = Duration.ofMinutes(1);

  @TempDir Path folder;

  /** Receives why requests are not written. */
  private static final class Reported implements Approvals.WriteBackListener {
    final AtomicReference<Optional<String>> why = new AtomicReference<>(Optional.empty());

    @Override
    public void pushed() {
      // No reconcile loop in this test.
    }

    @Override
    public void blocked(Optional<String> reason) {
      why.set(reason);
    }
  }

  @Test
  void aRequestThatTheRemoteDeclinesIsReportedOnceAndHoldsUpNoOther() throws Exception {
    ConfigRepo repo = new ConfigRepo(folder).instance("", "garden", "shed");
    repo.push("Begin");
    Path hook = repo.remote.resolve("hooks/pre-receive");
    Files.createDirectories(repo.remote.resolve("hooks"));
    Files.writeString(
        hook,
        """
        #!/bin/sh
        while read -r _ _ ref; do
          case $ref in */garden/*) echo 'not on a Sunday' >&2; exit 1 ;; esac
        done
        """);
    assertThat(hook.toFile().setExecutable(true)).isTrue();
    Logger log = (Logger) LoggerFactory.getLogger(WriteBack.class);
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    log.addAppender(lines);
    Reported reported = new Reported();
    ConfigRepo.git(repo.remote, "config", "http.receivepack", "true");
    try (HttpGit server = new HttpGit(folder);
        StateDatabase database = StateDatabase.open(folder.resolve("state.db"), CLOCK);
        GitSource source = new GitSource(settings(server), CLOCK)) {
      ApprovalRequestRegistry registry = new ApprovalRequestRegistry(database, CLOCK);
      WriteRemote remote =
          new WriteRemote(
              source,
              settings(server),
              RemoteAccess.anonymous(),
              PushStyle.BRANCHES,
              Optional.empty(),
              CLOCK);
      try (Approvals approvals =
          Approvals.withWriteAccess(
                  registry,
                  remote,
                  Optional.empty(),
                  new InstanceReader(),
                  ReadOptions.WHOLE_REPOSITORY,
                  false,
                  reported,
                  new Backoff(() -> 0.0),
                  CLOCK)
              .start()) {
        for (String appspace : new String[] {"garden", "shed"}) {
          approvals.recordRequest(
              appspace,
              Destination.parse("https://api.example.org/"),
              Set.of("GET"),
              Optional.empty());
        }
        await().atMost(AT_MOST).until(() -> reported.why.get().isPresent());
        ApprovalRequest declined = only(registry, "garden");
        assertThat(reported.why.get().orElseThrow())
            .contains("request " + declined.id() + " of garden", "not on a Sunday");
        assertThat(only(registry, "shed").state()).isEqualTo(State.OPEN);

        int attempts = declined.failure().orElseThrow().attempts();
        await()
            .atMost(AT_MOST)
            .until(() -> only(registry, "garden").failure().orElseThrow().attempts() > attempts);
        assertThat(lines.list).filteredOn(line -> line.toString().contains("Sunday")).hasSize(1);

        Files.delete(hook);
        await().atMost(AT_MOST).until(() -> only(registry, "garden").state() == State.OPEN);
        await().atMost(AT_MOST).until(() -> reported.why.get().isEmpty());
      }
    } finally {
      log.detachAppender(lines);
    }
  }

  private GitSettings settings(HttpGit server) {
    return TestSettings.of(server.url("remote.git"), "main", folder.resolve("state/config.git"));
  }

  private static ApprovalRequest only(ApprovalRequestRegistry registry, String appspace) {
    return registry.list().stream()
        .filter(request -> request.appspace().equals(appspace))
        .findFirst()
        .orElseThrow();
  }
}
