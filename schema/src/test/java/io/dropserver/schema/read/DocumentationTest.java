package io.dropserver.schema.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.schema.document.SchemaExport;
import io.dropserver.schema.document.YamlEnums;
import io.dropserver.schema.host.AdminSettings;
import io.dropserver.schema.host.HostConfig;
import io.dropserver.schema.host.HostConfigReader;
import io.dropserver.schema.instance.Appspace;
import io.dropserver.schema.instance.Durations;
import io.dropserver.schema.instance.InstanceSettings;
import io.dropserver.schema.instance.Limits;
import io.dropserver.schema.instance.Quantity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class DocumentationTest {
  private static final Path DOCS = Path.of("../docs");

  /** The fields that several kinds have. */
  private static final String KINDS = "reference/kinds/README.md";

  private static final Pattern EXAMPLE =
      Pattern.compile("```(?:yaml|json)\\n(.*?)```", Pattern.DOTALL);

  private static String example(String page) throws IOException {
    Matcher matcher = EXAMPLE.matcher(Files.readString(DOCS.resolve(page)));
    assertThat(matcher.find()).as(page + " has an example").isTrue();
    return matcher.group(1);
  }

  @Test
  void theExamplesOfTheKindsAreOneValidInstance() throws IOException {
    MapTree tree =
        new MapTree()
            .with("instance.yaml", example("reference/kinds/instance.md"))
            .with("user.yaml", example("reference/kinds/user.md"))
            .with("group.yaml", example("reference/kinds/group.md"))
            .with("app.yaml", example("reference/kinds/app.md"))
            .with("wiki-5.4.1.lock", "{}")
            .with("board-2.1.0.lock", "{}")
            .with("garden.yaml", example("reference/kinds/appspace.md"))
            .with("egress.yaml", example("reference/kinds/egresswhitelist.md"))
            .with("secret.yaml", example("reference/kinds/secret.md"))
            .with("bob.yaml", example("reference/kinds/user.md").replace("alice", "bob"))
            .with(
                "calendar.yaml",
                example("reference/kinds/appspace.md").replace("garden", "calendar"))
            .with(
                "apps/weather/dropapp.json",
                example("apps/manifest.md").replace("\"edit\"", "\"view\""))
            .with("apps/weather/main.ts", "")
            .with("apps/weather/migrate.ts", "");
    assertThat(new InstanceReader().read(tree, ReadOptions.WHOLE_REPOSITORY).problems()).isEmpty();
  }

  @Test
  void theExampleOfTheManifestIsValid() throws IOException {
    byte[] example = example("apps/manifest.md").getBytes(StandardCharsets.UTF_8);
    assertThat(new ManifestReader().read("dropapp.json", example).problems()).isEmpty();
  }

  @Test
  void theExampleOfTheHostConfigurationIsValid(@TempDir Path folder) throws IOException {
    for (String name :
        List.of(
            "id_ed25519",
            "known_hosts",
            "allowed_signers",
            "token",
            "hook-secret",
            "openid-secret",
            "mail-password")) {
      Path file = Files.writeString(folder.resolve(name), "x");
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }
    byte[] example = example("reference/host-configuration.md").getBytes(StandardCharsets.UTF_8);
    assertThat(new HostConfigReader().read("dropserver.yaml", example, folder).problems())
        .isEmpty();
  }

  @Test
  void theExamplesOfTlsAreValid(@TempDir Path folder) throws IOException {
    Files.createDirectories(folder.resolve("lego/certificates"));
    for (String name :
        List.of(
            "fullchain.pem",
            "privkey.pem",
            "dns-nsupdate",
            "lego/certificates/home.example.org.crt",
            "lego/certificates/home.example.org.key")) {
      Path file = Files.writeString(folder.resolve(name), "x");
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    }
    Matcher examples = EXAMPLE.matcher(Files.readString(DOCS.resolve("operate/tls.md")));
    while (examples.find()) {
      byte[] example =
          examples
              .group(1)
              .replace("/etc/dropserver", folder.toString())
              .getBytes(StandardCharsets.UTF_8);
      assertThat(new HostConfigReader().read("dropserver.yaml", example, folder).problems())
          .as(examples.group(1))
          .isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "instance.schema.json, reference/kinds/instance.md",
    "user.schema.json, reference/kinds/user.md",
    "group.schema.json, reference/kinds/group.md",
    "app.schema.json, reference/kinds/app.md",
    "appspace.schema.json, reference/kinds/appspace.md",
    "egresswhitelist.schema.json, reference/kinds/egresswhitelist.md",
    "secret.schema.json, reference/kinds/secret.md",
    "host-configuration.schema.json, reference/host-configuration.md",
    "dropapp.schema.json, apps/manifest.md",
  })
  void everyPropertyOfASchemaIsOnItsPage(String schema, String page) throws IOException {
    String common =
        page.startsWith("reference/kinds/") ? Files.readString(DOCS.resolve(KINDS)) : "";
    String text = Files.readString(DOCS.resolve(page)) + common;
    List<String> properties = new ArrayList<>();
    JsonNode root = json(schema);
    collect(root, root, properties);
    assertThat(properties).isNotEmpty();
    assertThat(properties)
        .allSatisfy(
            name ->
                assertThat(text)
                    .containsPattern("\\| `([^`]*\\.)?" + Pattern.quote(name) + "` \\|"));
  }

  private static JsonNode json(String schema) {
    return JsonMapper.builder().build().readTree(SchemaExport.text(schema));
  }

  private static void collect(JsonNode node, JsonNode root, List<String> properties) {
    String ref = node.path("$ref").asString("");
    if (!ref.isEmpty()) {
      JsonNode in = ref.startsWith("#") ? root : json("common.schema.json");
      collect(in.at(ref.substring(ref.indexOf('#') + 1)), in, properties);
    }
    properties.addAll(node.path("properties").propertyNames());
    node.path("properties").values().forEach(child -> collect(child, root, properties));
    collectIfObject(node.path("items"), root, properties);
    collectIfObject(node.path("additionalProperties"), root, properties);
  }

  private static void collectIfObject(JsonNode node, JsonNode root, List<String> properties) {
    if (node.isObject()) {
      collect(node, root, properties);
    }
  }

  @Test
  void theDefaultsOnThePagesAreThoseOfTheProgram() throws IOException {
    Limits limits = Limits.DEFAULT;
    InstanceSettings.ReconcileSettings reconcileSettings =
        InstanceSettings.ReconcileSettings.DEFAULT;
    InstanceSettings.ApprovalSettings approvalSettings = InstanceSettings.ApprovalSettings.DEFAULT;
    String instance = Files.readString(DOCS.resolve("reference/kinds/instance.md"));
    String kinds = Files.readString(DOCS.resolve(KINDS));
    assertThat(defaultOf(kinds, "limits.memory"))
        .isEqualTo(Quantity.formatBytes(limits.memoryBytes()));
    assertThat(defaultOf(kinds, "limits.cpu")).isEqualTo(Quantity.formatCpu(limits.cpuMillis()));
    assertThat(defaultOf(kinds, "limits.processes")).isEqualTo(String.valueOf(limits.processes()));
    assertThat(defaultOf(kinds, "limits.storage"))
        .isEqualTo(Quantity.formatBytes(limits.storageBytes()));
    assertThat(defaultOf(kinds, "limits.requestTimeout"))
        .isEqualTo(Durations.format(limits.requestTimeout()));
    assertThat(defaultOf(kinds, "limits.idleTimeout"))
        .isEqualTo(Durations.format(limits.idleTimeout()));
    assertThat(defaultOf(kinds, "limits.stopAfter"))
        .isEqualTo(Durations.format(limits.stopAfter()));
    assertThat(defaultOf(kinds, "limits.requestBody"))
        .isEqualTo(Quantity.formatBytes(limits.requestBodyBytes()));
    assertThat(defaultOf(kinds, "limits.egress.requestsPerSecond"))
        .isEqualTo(String.valueOf(limits.egress().requestsPerSecond()));
    assertThat(defaultOf(kinds, "limits.egress.connections"))
        .isEqualTo(String.valueOf(limits.egress().connections()));
    assertThat(defaultOf(kinds, "limits.egress.bytesPerHour"))
        .isEqualTo(Quantity.formatBytes(limits.egress().bytesPerHour()));
    assertThat(defaultOf(instance, "spec.reconcile.interval"))
        .isEqualTo(Durations.format(reconcileSettings.interval()));
    assertThat(defaultOf(instance, "spec.reconcile.prune"))
        .isEqualTo(String.valueOf(reconcileSettings.prune()));
    assertThat(defaultOf(instance, "spec.reconcile.allowRewrite"))
        .isEqualTo(String.valueOf(reconcileSettings.allowRewrite()));
    assertThat(defaultOf(instance, "spec.approvals.mode"))
        .isEqualTo(YamlEnums.word(approvalSettings.mode()));
    assertThat(defaultOf(instance, "spec.approvals.maxOpenPerAppspace"))
        .isEqualTo(String.valueOf(approvalSettings.maxOpenPerAppspace()));
    assertThat(defaultOf(instance, "spec.approvals.expireAfter"))
        .isEqualTo(Durations.format(approvalSettings.expireAfter()));
    assertThat(defaultOf(instance, "spec.approvals.decide"))
        .isEqualTo(YamlEnums.word(approvalSettings.decide()));
    var backup = io.dropserver.schema.instance.BackupPolicy.DEFAULT;
    assertThat(defaultOf(kinds, "backup.schedule")).isEqualTo(backup.schedule());
    assertThat(defaultOf(kinds, "backup.timeZone")).isEqualTo(backup.zone().getId());
    assertThat(defaultOf(kinds, "backup.keep.daily"))
        .isEqualTo(String.valueOf(backup.keep().daily()));
    assertThat(defaultOf(kinds, "backup.keep.weekly"))
        .isEqualTo(String.valueOf(backup.keep().weekly()));
    assertThat(defaultOf(kinds, "backup.keep.monthly"))
        .isEqualTo(String.valueOf(backup.keep().monthly()));
    String host = Files.readString(DOCS.resolve("reference/host-configuration.md"));
    assertThat(defaultOf(host, "sandbox.maxLive"))
        .isEqualTo(String.valueOf(HostConfig.DEFAULT.sandbox().maxLive()));
    assertThat(defaultOf(host, "sandbox.waiting"))
        .isEqualTo(String.valueOf(HostConfig.DEFAULT.sandbox().waiting()));
    assertThat(defaultOf(host, "repo.branch")).isEqualTo(HostConfig.Repo.DEFAULT_BRANCH);
    assertThat(defaultOf(host, "admin.address"))
        .isEqualTo(
            AdminSettings.DEFAULT_ADDRESS.getHostString()
                + ":"
                + AdminSettings.DEFAULT_ADDRESS.getPort());
  }

  @Test
  void theDefaultsOfAnAppspaceAreThoseOfItsPage() throws IOException {
    Appspace garden =
        new InstanceReader()
            .read(InstanceReaderTest.tree(), ReadOptions.WHOLE_REPOSITORY)
            .instance()
            .orElseThrow()
            .appspace("garden")
            .orElseThrow();
    String page = Files.readString(DOCS.resolve("reference/kinds/appspace.md"));
    assertThat(defaultOf(page, "spec.access")).isEqualTo(YamlEnums.word(garden.access()));
    assertThat(defaultOf(page, "spec.state")).isEqualTo(YamlEnums.word(garden.state()));
    assertThat(defaultOf(page, "spec.isolation")).isEqualTo(YamlEnums.word(garden.isolation()));
    assertThat(defaultOf(page, "spec.deletion")).isEqualTo(YamlEnums.word(garden.deletion()));
  }

  private static String defaultOf(String page, String field) {
    Matcher matcher =
        Pattern.compile("\\| `" + Pattern.quote(field) + "` \\| [^|]* \\| `([^`]*)` \\|")
            .matcher(page);
    assertThat(matcher.find()).as("%s has a default", field).isTrue();
    return matcher.group(1);
  }
}
