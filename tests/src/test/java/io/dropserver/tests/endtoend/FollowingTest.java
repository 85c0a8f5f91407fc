package io.dropserver.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.control.ObjectStatus;
import io.dropserver.control.RetainedData;
import io.dropserver.control.SyncResult;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * The life of an instance, push by push: each push is served, and the plan had announced the
 * change.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class FollowingTest {
  /** A bound that a busy machine keeps, too. {@code bin/bench sync} measures the promise of 2 s. */
  private static final Duration LIVE_WITHIN = Duration.ofSeconds(15);

  /** Baseline: the duration of the simplest command on this machine under its current load. */
  private Duration commandStarts = Duration.ZERO;

  @TempDir static Path folder;

  @SuppressWarnings("NullAway.Init") // set before all tests
  private LiveInstance instance;

  @SuppressWarnings("NullAway.Init") // set before all tests
  private ConfigRepository repository;

  @BeforeAll
  void start() throws Exception {
    instance = LiveInstance.create(folder);
    repository = instance.repository();
    CommandLineProgram init = CommandLineProgram.run("init", folder.resolve("initial").toString());
    assertThat(init.exitCode()).as(init.err()).isZero();
    repository
        .copyFrom(folder.resolve("initial"))
        // A plan is only correct as long as no poll has fetched the push.
        .replace("instance.yaml", "interval: 30s", "interval: 1h")
        .push("Begin");
    instance.start();
    Instant begun = Instant.now();
    assertThat(CommandLineProgram.run("version").exitCode()).isZero();
    commandStarts = Duration.between(begun, Instant.now());
    assertThat(instance.sync().served()).as("what init writes is served").isTrue();
  }

  @AfterAll
  void stop() {
    instance.close();
  }

  @Test
  @Order(1)
  void theRepositoryWrittenByInitIsServed() throws Exception {
    assertThat(instance.get("hello", "/").body()).contains("Visit 1.");
    assertThat(instance.get("hello", "/").body()).contains("Visit 2.");
    assertThat(instance.status().ready()).isTrue();
  }

  @Test
  @Order(2)
  void anAppspaceThatIsAddedIsLive() throws Exception {
    repository.write("appspaces/second.yaml", appspace("second", "1.0.0", ""));
    change("Add second", "create", "Appspace", "second");
    assertThat(instance.get("second", "/").body()).contains("Visit 1.");
  }

  @Test
  @Order(3)
  void limitsThatAreChangedAreLive() throws Exception {
    repository.write(
        "appspaces/second.yaml", appspace("second", "1.0.0", "  limits: {memory: 192Mi}\n"));
    change("Give second less memory", "update", "Appspace", "second");
    assertThat(instance.get("second", "/").body()).contains("Visit 2.");
  }

  @Test
  @Order(4)
  void visitorsCannotTellAPausedAppspaceFromAMissingOne() throws Exception {
    repository.write("appspaces/second.yaml", appspace("second", "1.0.0", "  state: paused\n"));
    change("Pause second", "update", "Appspace", "second");
    var response = instance.get("second", "/");
    assertThat(response.statusCode()).isEqualTo(404);
    assertThat(response.body()).isEqualTo(instance.get("nothing", "/").body());
  }

  @Test
  @Order(5)
  void anAppspaceThatRunsAgainHasItsData() throws Exception {
    repository.write("appspaces/second.yaml", appspace("second", "1.0.0", ""));
    change("Let second run", "update", "Appspace", "second");
    assertThat(instance.get("second", "/").body()).contains("Visit 3.");
  }

  @Test
  @Order(6)
  void anUpgradeServesTheNewVersionOnTheSameData() throws Exception {
    repository
        .copyFrom(folder.resolve("initial"))
        .replace("apps/hello/main.ts", "Visit ${visit}.", "Round ${visit}.")
        .replace("apps/hello/dropapp.json", "1.0.0", "2.0.0")
        .replace(
            "apps/hello.yaml", "version: 1.0.0, source: {path", "version: 2.0.0, source: {path")
        .replace("appspaces/hello.yaml", "1.0.0", "2.0.0")
        .write("appspaces/second.yaml", appspace("second", "2.0.0", ""));
    change("Upgrade to 2.0.0", "update", "Appspace", "second");
    // The health check of the new version was a visit, too.
    assertThat(instance.get("second", "/").body()).contains("Round 5.");
    assertThat(instance.get("hello", "/").body()).containsPattern("Round [34]\\.");
  }

  @Test
  @Order(7)
  void anAppspaceThatIsRemovedIsGoneAndItsDataRetained() throws Exception {
    repository.remove("appspaces/second.yaml");
    change("Remove second", "remove", "Appspace", "second");
    assertThat(instance.get("second", "/").statusCode()).isEqualTo(404);
    assertThat(instance.control().retainedData())
        .extracting(RetainedData::appspace)
        .containsExactly("second");
  }

  @Test
  @Order(8)
  void anAppspaceThatComesBackHasItsDataAgain() throws Exception {
    repository.write("appspaces/second.yaml", appspace("second", "2.0.0", ""));
    change("Bring second back", "create", "Appspace", "second");
    assertThat(instance.get("second", "/").body()).contains("Round 6.");
    assertThat(instance.control().retainedData()).isEmpty();
  }

  @Test
  @Order(9)
  void aServerThatWasStoppedServesTheSameAgain() throws Exception {
    instance.server().stop();
    instance.start();
    assertThat(instance.get("second", "/").body()).contains("Round 7.");
    await().until(() -> instance.status().ready());
  }

  @Test
  @Order(10)
  void aBrokenFileChangesNothingAndIsNamedWithLineAndColumn() throws Exception {
    String good = repository.head();
    repository.write("appspaces/second.yaml", appspace("second", "2.0.0", "  acess: public\n"));
    String bad = repository.push("Break it");
    SyncResult result = instance.sync();
    assertThat(result.served()).isFalse();
    var status = instance.status();
    assertThat(status.revision().served()).contains(good);
    assertThat(status.revision().seen()).contains(bad);
    assertThat(status.problems())
        .singleElement()
        .satisfies(
            problem -> {
              assertThat(problem.file()).isEqualTo("appspaces/second.yaml");
              assertThat(problem.line()).isEqualTo(8);
              assertThat(problem.column()).isEqualTo(3);
              assertThat(problem.hint()).contains("did you mean access?");
            });
    assertThat(instance.get("second", "/").body()).contains("Round 8.");
    repository.git("revert", "--no-edit", "HEAD");
    repository.git("push", "--quiet", "origin", "HEAD:main");
    assertThat(instance.sync().served()).isTrue();
    assertThat(instance.status().problems()).isEmpty();
  }

  @Test
  @Order(11)
  void aRevertedRenameServesNoEmptyAppAndNamesTheCommandThatGivesTheDataBack() throws Exception {
    repository
        .remove("appspaces/second.yaml")
        .write("appspaces/third.yaml", appspace("third", "2.0.0", "  renamedFrom: second\n"))
        .push("Rename second to third");
    assertThat(instance.sync().served()).isTrue();
    assertThat(instance.get("third", "/").body()).contains("Round 9.");

    repository.git("revert", "--no-edit", "HEAD");
    repository.git("push", "--quiet", "origin", "HEAD:main");
    assertThat(instance.sync().served()).isTrue();
    var response = instance.get("second", "/");
    assertThat(response.statusCode()).isEqualTo(503);
    assertThat(response.body()).doesNotContain("Round");
    ObjectStatus second = instance.object("Appspace", "second");
    assertThat(second.reason()).isEqualTo("DataRetained");
    Matcher adopt = Pattern.compile("`dropserver (data adopt [^`]+)`").matcher(second.message());
    assertThat(adopt.find()).as(second.message()).isTrue();
    List<String> command = new ArrayList<>(List.of(adopt.group(1).split(" ")));
    command.addAll(List.of("--state", instance.state().toString()));
    CommandLineProgram adopted = CommandLineProgram.run(command.toArray(String[]::new));
    assertThat(adopted.exitCode()).as(adopted.err()).isZero();
    assertThat(instance.get("second", "/").body()).contains("Round 10.");
  }

  /** Plans, pushes and syncs, and checks that the change is live soon. */
  private void change(String message, String action, String kind, String name) throws Exception {
    repository.push(message);
    CommandLineProgram planned = instance.plan();
    assertThat(planned.exitCode()).as(planned.err()).isEqualTo(2);
    assertThat(planned.out()).contains('"' + action + '"', '"' + kind + '"', '"' + name + '"');
    Instant begun = Instant.now();
    CommandLineProgram sync =
        CommandLineProgram.run("sync", "--wait", "--state", instance.state().toString());
    assertThat(Duration.between(begun, Instant.now()))
        .as("sync --wait, with %s for the command itself", commandStarts)
        .isLessThan(LIVE_WITHIN.plus(commandStarts));
    assertThat(sync.exitCode()).as(sync.out() + sync.err()).isZero();
    CommandLineProgram after = instance.plan();
    assertThat(after.exitCode()).as(after.out() + after.err()).isZero();
  }

  static String appspace(String name, String version, String more) {
    return """
    apiVersion: dropserver.io/v1
    kind: Appspace
    metadata: {name: %s}
    spec:
      app: {name: hello, version: %s}
      owner: me
      access: public
    %s\
    """
        .formatted(name, version, more);
  }
}
