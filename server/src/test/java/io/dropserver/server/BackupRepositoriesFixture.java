package io.dropserver.server;

import io.dropserver.backup.engine.DataAccess;
import io.dropserver.control.BackupOrder;
import io.dropserver.control.BackupOutcome;
import io.dropserver.control.BackupVerb;
import io.dropserver.schema.host.HostConfig;
import io.dropserver.schema.host.HostConfig.BackupSettings;
import io.dropserver.schema.host.HostConfig.BackupTarget;
import io.dropserver.schema.host.HostConfig.Repo;
import io.dropserver.schema.instance.Appspace;
import io.dropserver.state.StateFolder;
import io.dropserver.state.condition.Condition;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A server with an appspace, and backup repositories with real restic. */
abstract class BackupRepositoriesFixture {
  @TempDir Path folder;
  final SampleRepo repo = new SampleRepo();
  final FakeSource source = new FakeSource();
  private final TestServer.Store store = new TestServer.Store(source);
  private final OpenResources resources = new OpenResources();

  @SuppressWarnings("NullAway.Init") // set before each test
  TestServer server;

  @SuppressWarnings("NullAway.Init")
  Path data;

  @BeforeEach
  void serveAnAppspace() throws Exception {
    source.push(repo.appspace("garden").files());
    server = new TestServer(Files.createDirectory(folder.resolve("state")), source, store).start();
    server.sync();
    data = server.use("garden");
    Files.writeString(data.resolve("note"), "first");
  }

  @AfterEach
  void close() {
    resources.close();
    server.close();
  }

  /** Plain folders, without a process that could write to them. */
  private record PlainData() implements DataAccess {
    @Override
    public void acquire(Path files) {}

    @Override
    public void release(Path files) {}

    @Override
    public void moveToVolume(Path files, int uid, long storageBytes) {}

    @Override
    public long storedBytes(Path files) {
      return 0;
    }

    @Override
    public boolean runPaused(String appspace, Runnable work) {
      work.run();
      return true;
    }
  }

  BackupModule open(SortedMap<String, BackupTarget> repositories) {
    HostConfig config =
        HostConfig.DEFAULT
            .withRepo(Repo.of("/srv/home.git"))
            .withBackup(
                new BackupSettings(
                    Optional.empty(), Optional.empty(), Optional.empty(), repositories));
    BackupModule backups =
        BackupModule.open(
            config,
            new StateFolder(folder.resolve("state")),
            server.stores,
            new PlainData(),
            Clock.systemUTC(),
            resources);
    backups.forReconciler().served().accept(server.stores.declared().instance().orElseThrow());
    return backups;
  }

  static BackupTarget target(String repository, Optional<String> schedule) {
    return new BackupTarget(
        repository, Optional.empty(), Optional.empty(), schedule, ZoneOffset.UTC);
  }

  static BackupOutcome run(BackupModule backups, BackupVerb verb, Optional<String> in) {
    Optional<String> snapshot =
        verb == BackupVerb.RESTORE ? Optional.of("latest") : Optional.empty();
    BackupOrder order =
        new BackupOrder(verb, Optional.of("garden"), snapshot, Optional.empty(), List.of(), in);
    return backups.service().run(order, step -> {});
  }

  List<Condition> conditions(BackupModule backups) {
    Appspace garden = server.stores.declared().appspace("garden").orElseThrow();
    return backups.conditions().of(garden);
  }
}
