package io.dropserver.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.reconciler.source.History;
import io.dropserver.schema.host.HostConfig;
import io.dropserver.schema.host.HostConfig.BackupSettings;
import io.dropserver.schema.host.HostConfig.BackupTarget;
import io.dropserver.schema.host.HostConfig.Repo;
import io.dropserver.state.StateException;
import io.dropserver.state.StateFolder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real restic and real Git, and a state folder whose disk may not be mounted. */
@Tag("slow")
class FirstStartTest {
  private static final String PERSON = "me@example.org";

  @TempDir Path folder;
  private Path remote;
  private Path work;
  private Path password;
  private StateFolder state;

  @BeforeEach
  void createARemote() throws Exception {
    remote = folder.resolve("remote.git");
    work = folder.resolve("work");
    state = new StateFolder(folder.resolve("state"));
    password = Files.writeString(folder.resolve("password"), "a password");
    run(Map.of(), "git", "init", "-q", "--bare", "-b", "main", remote.toString());
    run(Map.of(), "git", "clone", "-q", remote.toString(), work.toString());
  }

  private void run(Map<String, String> environment, String... command) throws Exception {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.directory(Files.isDirectory(work) ? work.toFile() : folder.toFile());
    builder.environment().putAll(environment);
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
  }

  /** Pushes a commit that changes a file, with another committer. */
  private void push(String path, String committer, String branch) throws Exception {
    Files.createDirectories(work.resolve(path).getParent());
    Files.writeString(work.resolve(path), committer + branch);
    run(Map.of(), "git", "add", "-A");
    Map<String, String> people =
        Map.of(
            "GIT_AUTHOR_NAME",
            "Me",
            "GIT_AUTHOR_EMAIL",
            PERSON,
            "GIT_COMMITTER_NAME",
            "Me",
            "GIT_COMMITTER_EMAIL",
            committer);
    run(people, "git", "commit", "-q", "-m", "Change " + path);
    run(Map.of(), "git", "push", "-q", "origin", "HEAD:refs/heads/" + branch);
  }

  /** Creates a repository and stores a file in it. */
  private void backUp(Path repository, String... tags) throws Exception {
    Map<String, String> environment =
        Map.of(
            "RESTIC_REPOSITORY",
            repository.toString(),
            "RESTIC_PASSWORD_FILE",
            password.toString(),
            "RESTIC_CACHE_DIR",
            folder.resolve("cache").toString());
    run(environment, "restic", "-q", "init");
    for (String tag : tags) {
      run(environment, "restic", "-q", "backup", "--tag", tag, password.toString());
    }
  }

  private HostConfig config(Optional<Path> repository, Optional<Path> passwordFile) {
    return HostConfig.DEFAULT
        .withRepo(Repo.of(remote.toString()))
        .withBackup(
            new BackupSettings(
                repository.map(Path::toString),
                passwordFile,
                Optional.empty(),
                Collections.emptySortedMap()));
  }

  private void begin(HostConfig config) {
    new FirstStart(config, state, Clock.systemUTC()).requireNoEarlierServer();
  }

  private void assertBegins(HostConfig config) {
    assertThatCode(() -> begin(config)).doesNotThrowAnyException();
    assertThat(state.root()).doesNotExist();
  }

  private void assertRefused(HostConfig config, String... why) {
    assertThatThrownBy(() -> begin(config))
        .isInstanceOf(StateException.class)
        .hasMessageContainingAll("the state folder " + state.root() + " is empty")
        .hasMessageContainingAll(why)
        .hasMessageContainingAll(
            "mount the disk", "`dropserver recover`", "`dropserver run --new`");
    assertThat(state.root()).as("`recover` needs an empty folder").doesNotExist();
  }

  @Test
  void aNewcomerNeedsNoOption() throws Exception {
    assertBegins(config(Optional.empty(), Optional.empty()));
    push("instance.yaml", PERSON, "main");
    assertBegins(config(Optional.empty(), Optional.empty()));
    Path backups = folder.resolve("backups");
    assertBegins(config(Optional.of(backups), Optional.empty()));
    assertBegins(config(Optional.of(Files.createDirectory(backups)), Optional.empty()));
  }

  @Test
  void backupsOfAnEarlierServerPreventAFirstStart() throws Exception {
    Path backups = folder.resolve("backups");
    backUp(backups, "server");
    assertRefused(
        config(Optional.of(backups), Optional.of(password)),
        backups + " has backups, the newest of");
    Path ofAppspace = folder.resolve("of-appspace");
    backUp(ofAppspace, "appspace:garden");
    assertRefused(config(Optional.of(ofAppspace), Optional.of(password)), "has backups");
    Path inState = folder.resolve("elsewhere");
    backUp(inState);
    assertBegins(config(Optional.of(inState), Optional.of(password)));
    Path ofOthers = folder.resolve("of-others");
    backUp(ofOthers, "photos");
    assertBegins(config(Optional.of(ofOthers), Optional.of(password)));
  }

  @Test
  void aRepositoryWithoutItsPasswordPreventsAFirstStart() throws Exception {
    Path backups = folder.resolve("backups");
    backUp(backups, "server");
    assertRefused(
        config(Optional.of(backups), Optional.empty()),
        backups + " exists",
        state.root().resolve("backups/password") + " with its password is missing");
    Path other = Files.writeString(folder.resolve("other"), "another password");
    assertRefused(
        config(Optional.of(backups), Optional.of(other)), other + " does not contain its password");
  }

  @Test
  void backupsInTheStateFolderPreventAFirstStart() throws Exception {
    Path inState = folder.resolve("state/backups/repository");
    Files.createDirectories(inState.getParent());
    backUp(inState, "server");
    assertThatThrownBy(() -> begin(config(Optional.empty(), Optional.empty())))
        .isInstanceOf(StateException.class)
        .hasMessageContainingAll(inState + " exists", "`dropserver recover`");
  }

  @Test
  void aFurtherRepositoryIsSearchedToo() throws Exception {
    Path offsite = folder.resolve("offsite");
    backUp(offsite, "server");
    TreeMap<String, BackupTarget> further = new TreeMap<>();
    further.put(
        "offsite",
        new BackupTarget(
            offsite.toString(),
            Optional.of(password),
            Optional.empty(),
            Optional.empty(),
            ZoneOffset.UTC));
    HostConfig config = config(Optional.empty(), Optional.empty());
    assertRefused(
        config.withBackup(
            new BackupSettings(Optional.empty(), Optional.empty(), Optional.empty(), further)),
        offsite + " has backups");
  }

  /** A repository that answers with an error. One that never answers is given up after 30 s. */
  @Test
  void anUnreachableRepositoryPreventsAFirstStart() throws Exception {
    try (ServerSocket broken = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"))) {
      Thread.ofVirtual().start(() -> refuseAll(broken));
      HostConfig config = config(Optional.empty(), Optional.of(password));
      String url = "rest:http://127.0.0.1:" + broken.getLocalPort() + "/";
      BackupSettings remoteBackup =
          new BackupSettings(
              Optional.of(url),
              Optional.of(password),
              Optional.empty(),
              Collections.emptySortedMap());
      assertRefused(
          config.withBackup(remoteBackup), "it is not known whether the backup repository " + url);
    }
  }

  private static void refuseAll(ServerSocket broken) {
    byte[] answer =
        "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            .getBytes(StandardCharsets.US_ASCII);
    while (!broken.isClosed()) {
      try (var connection = broken.accept()) {
        var _ = connection.getInputStream().read();
        connection.getOutputStream().write(answer);
      } catch (IOException e) {
        // The client closed its end, or the test ended.
      }
    }
  }

  @Test
  void commitsOfAnEarlierServerPreventAFirstStart() throws Exception {
    push("instance.yaml", PERSON, "main");
    push("whitelists/garden.yaml", History.SERVER.email(), "main");
    push("users/me.yaml", PERSON, "main");
    assertRefused(
        config(Optional.empty(), Optional.empty()), remote + " has the commit ", "a server wrote");
  }

  @Test
  void aBranchOfAnEarlierServerPreventsAFirstStart() throws Exception {
    push("instance.yaml", PERSON, "main");
    push("whitelists/garden.yaml", PERSON, "dropserver/egress/garden/0a1b2c3d");
    assertRefused(
        config(Optional.empty(), Optional.empty()),
        "has the branch dropserver/egress/garden/0a1b2c3d");
  }

  @Test
  void commitsOfAServerForOtherFoldersPreventNothing() throws Exception {
    push("ours/instance.yaml", PERSON, "main");
    push("theirs/whitelists/garden.yaml", History.SERVER.email(), "main");
    HostConfig config = config(Optional.empty(), Optional.empty());
    assertBegins(config.withRepo(repo(List.of("ours"))));
    assertRefused(config.withRepo(repo(List.of("theirs"))), "has the commit ");
  }

  private Repo repo(List<String> paths) {
    Repo all = Repo.of(remote.toString());
    return new Repo(
        all.url(), all.branch(), paths, all.credentials(), all.verify(), all.write(), all.trust());
  }

  @Test
  void aConfigRepositoryThatCannotBeReadPreventsAFirstStart() throws Exception {
    Files.move(remote, folder.resolve("moved.git"));
    assertRefused(
        config(Optional.empty(), Optional.empty()),
        "it is not known whether the config repository",
        remote.toString());
  }

  @Test
  void aFolderWithContentIsNotSearched() throws Exception {
    push("whitelists/garden.yaml", History.SERVER.email(), "main");
    for (String content : List.of("state.db", "next-uid", "data/one")) {
      Path file = state.root().resolve(content);
      Files.createDirectories(file.getParent());
      Files.createFile(file);
      assertThatCode(() -> begin(config(Optional.empty(), Optional.empty())))
          .as(content)
          .doesNotThrowAnyException();
      assertThatThrownBy(
              () ->
                  new FirstStart(
                          config(Optional.empty(), Optional.empty()), state, Clock.systemUTC())
                      .requireEmpty())
          .hasMessageContainingAll("already contains " + content, "without --new");
      Files.delete(file);
    }
  }
}
