package io.dropserver.schema.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.schema.instance.Appspace;
import io.dropserver.schema.instance.BackupPolicy;
import io.dropserver.schema.instance.Instance;
import io.dropserver.schema.instance.Limits;
import io.dropserver.schema.instance.Problem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class InstanceReaderTest {
  private static final InstanceReader READER = new InstanceReader();

  static final String INSTANCE =
      """
      apiVersion: dropserver.io/v1
      kind: Instance
      metadata: {name: home}
      spec:
        domain: dropserver.localhost
        defaults:
          limits: {memory: 512Mi, egress: {connections: 64, requestsPerSecond: 100}}
          backup: {schedule: "30 2 * * *", timeZone: Europe/Berlin}
      ---
      apiVersion: dropserver.io/v1
      kind: User
      metadata: {name: alice}
      spec: {displayName: Alice, role: admin}
      ---
      apiVersion: dropserver.io/v1
      kind: User
      metadata: {name: bob}
      spec: {}
      """;
  static final String APP =
      """
      apiVersion: dropserver.io/v1
      kind: App
      metadata: {name: weather}
      spec:
        versions:
          - {version: 1.0.0, source: {path: apps/weather}}
      """;
  static final String APPSPACE =
      """
      apiVersion: dropserver.io/v1
      kind: Appspace
      metadata: {name: garden}
      spec:
        app: {name: weather, version: 1.0.0}
        owner: alice
        members:
          - {user: bob, permissions: [view]}
        limits: {cpu: 0.25, egress: {requestsPerSecond: 50, bytesPerHour: 1Gi}}
        backup: {keep: {daily: 30}}
        config: {units: metric, days: 7, quiet: true}
      """;
  static final String MANIFEST =
      """
      {
        "name": "Weather",
        "version": "1.0.0",
        "entrypoint": "main.ts",
        "permissions": [{"name": "view", "description": "Look"}]
      }
      """;

  static MapTree tree() {
    return new MapTree()
        .with("instance.yaml", INSTANCE)
        .with("apps/weather.yaml", APP)
        .with("apps/weather/dropapp.json", MANIFEST)
        .with("apps/weather/main.ts", "export default {}")
        .with("apps/weather/data.yaml", "not: ours")
        .with("appspaces/garden.yaml", APPSPACE);
  }

  private static Instance instance(MapTree tree) throws IOException {
    ReadResult result = READER.read(tree, ReadOptions.WHOLE_REPOSITORY);
    assertThat(result.problems()).isEmpty();
    return result.instance().orElseThrow();
  }

  @Test
  void aSoundRepositoryBecomesOneInstance() throws IOException {
    Instance instance = instance(tree());
    assertThat(instance.settings().domain()).isEqualTo("dropserver.localhost");
    assertThat(instance.users().keySet()).isEqualTo(new TreeSet<>(Set.of("alice", "bob")));
    assertThat(instance.users())
        .hasEntrySatisfying("bob", bob -> assertThat(bob.displayName()).isEqualTo("bob"));
    Appspace garden = instance.appspace("garden").orElseThrow();
    assertThat(garden.host()).isEqualTo("garden");
    assertThat(garden.config()).containsEntry("days", "7").containsEntry("quiet", "true");
  }

  @Test
  void anIdleTimeoutCanBeNever() throws IOException {
    MapTree tree = tree().with("appspaces/garden.yaml", idleTimeout("never"));
    Limits limits = instance(tree).appspace("garden").orElseThrow().limits();
    assertThat(limits.isNeverIdle()).isTrue();
    assertThat(limits.idleTimeoutText()).isEqualTo("never");
    assertThat(Limits.DEFAULT.isNeverIdle()).isFalse();
    assertThat(Limits.DEFAULT.idleTimeoutText()).isEqualTo("30s");
    for (String wrong : List.of("forever", "169h", "0s", "nevernever")) {
      tree = tree().with("appspaces/garden.yaml", idleTimeout(wrong));
      assertThat(READER.read(tree, ReadOptions.WHOLE_REPOSITORY).problems())
          .as(wrong)
          .hasSize(1)
          .allSatisfy(problem -> assertThat(problem.toString()).contains("garden.yaml:9:"));
    }
  }

  private static String idleTimeout(String value) {
    return APPSPACE.replace("limits: {cpu: 0.25,", "limits: {idleTimeout: " + value + ",");
  }

  @Test
  void absentAppspaceFieldsDefaultToTheInstanceThenTheProgram() throws IOException {
    Appspace garden = instance(tree()).appspace("garden").orElseThrow();
    assertThat(garden.limits().cpuMillis()).isEqualTo(250);
    assertThat(garden.limits().memoryBytes()).isEqualTo(512L << 20);
    assertThat(garden.limits().idleTimeout()).isEqualTo(Duration.ofSeconds(30));
    assertThat(garden.limits().requestBodyBytes()).isEqualTo(100L << 20);
    assertThat(garden.limits().egress())
        .isEqualTo(new Limits.AppspaceEgressLimits(50, 64, 1L << 30));
    assertThat(garden.backup())
        .isEqualTo(
            new BackupPolicy(
                "30 2 * * *",
                ZoneId.of("Europe/Berlin"),
                new BackupPolicy.Keep(0, 0, 30, 4, 6, 0)));
  }

  @Test
  void referencesToNamesInUnreadableFilesAreNotReported() throws IOException {
    String broken = "kind: User\nmetadata: {name: carol}\nspec: {\n";
    MapTree tree =
        tree()
            .with("users/carol.yaml", broken)
            .with("appspaces/garden.yaml", APPSPACE.replace("alice", "carol"))
            .with("appspaces/shed.yaml", APPSPACE.replace("garden", "shed").replace("alice", "dan"))
            .with("users/utf16.yaml", "name: frida".getBytes(StandardCharsets.UTF_16));
    MapTree more =
        tree.with("x.yaml", APPSPACE.replace("garden", "attic").replace("alice", "frida"));
    assertThat(READER.read(more, ReadOptions.WHOLE_REPOSITORY).problems())
        .extracting(Problem::message)
        .filteredOn(message -> message.startsWith("there is no"))
        .containsExactly("there is no User `dan`");
  }

  @Test
  void onlyChangedFilesAreReadAgain() throws IOException {
    ReadResult first = READER.read(tree(), ReadOptions.WHOLE_REPOSITORY);
    MapTree changed = tree().with("appspaces/garden.yaml", APPSPACE.replace("7", "8"));
    ReadResult second = READER.read(changed, ReadOptions.WHOLE_REPOSITORY.withPrevious(first));
    assertThat(first.filesRead()).isEqualTo(5);
    assertThat(second.filesRead()).isEqualTo(1);
    assertThat(second.instance().orElseThrow().appspace("garden").orElseThrow().config())
        .containsEntry("days", "8");
  }
}
