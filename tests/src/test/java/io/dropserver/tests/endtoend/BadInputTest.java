package io.dropserver.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.control.InstanceStatus;
import io.dropserver.state.condition.Condition;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Bad input from the followed repository. In all cases, the served revision stays served, a
 * condition reports the problem and the remedy, and the next good push is served.
 */
class BadInputTest {
  @TempDir Path folder;
  private LiveInstance instance;
  private ConfigRepository repository;
  private String good;

  @BeforeEach
  void serve() throws Exception {
    instance = LiveInstance.create(folder);
    repository = instance.repository();
    CommandLineProgram.run("init", folder.resolve("initial").toString());
    good = repository.copyFrom(folder.resolve("initial")).push("Begin");
    instance.start();
    assertThat(instance.sync().served()).isTrue();
  }

  @AfterEach
  void stop() {
    instance.close();
  }

  @Test
  void aDeletedBranchIsNamedAndServedOn() throws Exception {
    repository.git("push", "--quiet", "origin", "HEAD:refs/heads/other");
    repository.onRemote("update-ref", "-d", "refs/heads/main");
    assertRefused("BranchMissing", "main");
    repository.git("push", "--quiet", "origin", "HEAD:main");
    assertFollows();
  }

  @Test
  void anUnreachableRemoteIsNamedAndServedOn() throws Exception {
    Path away = folder.resolve("away.git");
    Files.move(repository.remote(), away);
    assertRefused("SourceUnreachable", repository.remote().toString());
    Files.move(away, repository.remote());
    assertFollows();
  }

  @Test
  void aForcedPushIsRefusedUntilAPersonAccepts() throws Exception {
    repository.git("checkout", "--quiet", "--orphan", "rewritten");
    repository.commit("Another history");
    repository.git("push", "--quiet", "--force", "origin", "HEAD:main");
    assertRefused("SourceRewritten", "sync --accept");
    assertThat(
            instance
                .control()
                .sync(Optional.of(repository.head()), Optional.of(LiveInstance.TIMEOUT))
                .served())
        .isTrue();
    assertThat(instance.status().revision().served()).contains(repository.head());
    assertFollows();
  }

  @Test
  void anEmptiedRepositoryPrunesNothing() throws Exception {
    repository.git("rm", "--quiet", "-r", ".");
    repository.git("commit", "--quiet", "--message", "Remove everything");
    repository.git("push", "--quiet", "origin", "HEAD:main");
    assertThat(instance.sync().served()).isFalse();
    assertStillServed();
    assertThat(instance.control().retainedData()).isEmpty();
    repository.git("revert", "--no-edit", "HEAD");
    repository.git("push", "--quiet", "origin", "HEAD:main");
    assertFollows();
  }

  @Test
  void aSymlinkIsAProblemAtItsPath() throws Exception {
    Files.createSymbolicLink(
        repository.workingCopy().resolve("appspaces/link.yaml"), Path.of("/etc/passwd"));
    assertProblem("appspaces/link.yaml");
  }

  @Test
  void aSubmoduleIsAProblemAtItsPath() throws Exception {
    repository.git("update-index", "--add", "--cacheinfo", "160000," + good + ",appspaces/other");
    repository.git("commit", "--quiet", "--message", "Add a submodule");
    repository.git("push", "--quiet", "origin", "HEAD:main");
    assertProblemPushed("appspaces/other");
    repository.git("rm", "--quiet", "--cached", "appspaces/other");
    repository.push("Remove the submodule");
    assertFollows();
  }

  @Test
  void namesThatDifferInCaseOnlyAreAProblem() throws Exception {
    repository.write(
        "appspaces/Hello.yaml",
        Files.readString(repository.workingCopy().resolve("appspaces/hello.yaml"))
            .replace("name: hello}\nspec", "name: other}\nspec"));
    assertProblem("appspaces/");
  }

  @Test
  void twoDocumentsWithOneNameAreAProblemThatNamesBoth() throws Exception {
    repository.write(
        "appspaces/twice.yaml",
        Files.readString(repository.workingCopy().resolve("appspaces/hello.yaml")));
    assertProblem("appspaces/twice.yaml");
    assertThat(instance.status().problems().toString()).contains("appspaces/hello.yaml");
  }

  private void assertProblem(String file) throws Exception {
    repository.push("Something bad");
    assertProblemPushed(file);
  }

  private void assertProblemPushed(String file) throws Exception {
    assertThat(instance.sync().served()).isFalse();
    assertThat(instance.status().problems())
        .anySatisfy(problem -> assertThat(problem.file()).startsWith(file));
    assertStillServed();
  }

  private void assertRefused(String reason, String remedy) throws Exception {
    assertThat(instance.sync().served()).isFalse();
    InstanceStatus status = instance.status();
    List<Condition> saying =
        status.conditions().stream().filter(c -> c.reason().equals(reason)).toList();
    assertThat(saying)
        .as("conditions %s", status.conditions())
        .isNotEmpty()
        .allSatisfy(condition -> assertThat(condition.message()).contains(remedy));
    assertStillServed();
  }

  private void assertStillServed() throws Exception {
    assertThat(instance.status().revision().served()).contains(good);
    assertThat(instance.get("hello", "/").body()).contains("Visit");
  }

  private void assertFollows() throws Exception {
    repository.write("NOTES.md", "A good push.\n").push("A good push");
    assertThat(instance.sync().served()).isTrue();
    assertThat(instance.status().revision().served()).contains(repository.head());
    assertThat(instance.get("hello", "/").body()).contains("Visit");
  }
}
