package io.dropserver.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.base.text.Sha256;
import io.dropserver.state.condition.Condition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HexFormat;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** New versions of a package from a listing, which an https server on loopback serves. */
@Tag("slow")
class AppUpdateListingTest {
  private static final Duration TIMEOUT = Duration.ofMinutes(3);
  private static final String BRANCH = "dropserver/update/oracle/1.1.0";

  @TempDir private Path folder;
  private HttpsPages pages;
  private LiveInstance instance;
  private ConfigRepository repository;

  @BeforeEach
  void prepare() throws Exception {
    // Sandboxes run as other users, which must be able to traverse this folder.
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    pages = HttpsPages.open(folder);
    Path config = folder.resolve("dropserver.yaml");
    instance = LiveInstance.tiny(folder, pages.javaOptions(), "--config", config.toString());
    repository = instance.repository();
    Files.writeString(
        config,
        """
        sandbox: {allowWeaker: [uid, cgroup, storage]}
        repo: {url: "%s"}
        egress: {open: [127.0.0.0/8]}
        """
            .formatted(repository.remote()));
    declare(publish("1.0.0"));
  }

  @AfterEach
  void close() {
    instance.close();
    pages.close();
  }

  /** Serves a package, and returns its sha256. */
  private String publish(String version) throws IOException {
    Path files = Files.createDirectory(folder.resolve("oracle-" + version));
    Files.writeString(
        files.resolve("dropapp.json"),
        "{\"name\": \"Oracle\", \"version\": \"%s\", \"entrypoint\": \"main.ts\"}"
            .formatted(version));
    Files.writeString(
        files.resolve("main.ts"),
        "export default { fetch: () => new Response(\"oracle %s\") };\n".formatted(version));
    byte[] archive =
        new ProcessBuilder("tar", "-cz", "-C", files.toString(), "dropapp.json", "main.ts")
            .start()
            .getInputStream()
            .readAllBytes();
    pages.put("/oracle-" + version + ".tar.gz", archive);
    return HexFormat.of().formatHex(Sha256.newDigest().digest(archive));
  }

  private void declare(String sha256) throws Exception {
    repository
        .write(
            "apps/oracle.yaml",
            """
            apiVersion: dropserver.io/v1
            kind: App
            metadata: {name: oracle}
            spec:
              follow: {listing: "%s", range: ^1.0}
              versions:
                - version: 1.0.0
                  source: {package: "%s", sha256: "%s"}
            """
                .formatted(pages.url("/listing.json"), pages.url("/oracle-1.0.0.tar.gz"), sha256))
        .write(
            "appspaces/delphi.yaml",
            MinimalInstance.appspace("delphi", "1.0.0", false, 192)
                .replace("{name: hello,", "{name: oracle,"))
        .push("An oracle");
    instance.start();
    var _ = instance.sync();
    awaitPage("oracle 1.0.0");
  }

  private void list(String listing) {
    pages.put("/listing.json", listing);
    instance.control().retry("App", "oracle");
  }

  private String entry(String version, String sha256, String changelog) {
    return "{\"version\": \"%s\", \"url\": \"%s\", \"sha256\": \"%s\", \"changelog\": \"%s\"}"
        .formatted(version, pages.url("/oracle-" + version + ".tar.gz"), sha256, changelog);
  }

  @Test
  void aListedVersionIsOfferedWithItsDigestAndMergingIsTheUpgrade() throws Exception {
    String sha256 = publish("1.1.0");
    list(
        "{\"versions\": [%s, %s, %s]}"
            .formatted(
                entry("2.0.0", sha256, ""), // outside of the range
                entry("1.1.0", sha256, "Sees \\u0007\\u001b[31m\\u202efurther @everyone"),
                "{\"version\": \"1.2.0\", \"url\": \"http://127.0.0.1/x.tar.gz\", \"sha256\": \"%s\"}"
                    .formatted(sha256)));
    await()
        .atMost(TIMEOUT)
        .untilAsserted(
            () -> assertThat(repository.branches()).as(conditions()).containsOnlyKeys(BRANCH));
    assertThat(repository.onRemote("diff", "main", BRANCH))
        .contains("+    - version: 1.1.0", pages.url("/oracle-1.1.0.tar.gz").toString(), sha256);
    assertThat(repository.onRemote("log", "-1", "--format=%B", BRANCH).chars())
        .noneMatch(c -> c == 0x07 || c == 0x1b || c == 0x202e);

    repository.git("fetch", "--quiet", "origin");
    repository.git("merge", "--quiet", "--no-ff", "-m", "Merge", "origin/" + BRANCH);
    repository.git("push", "--quiet", "origin", "HEAD:main");
    assertThat(instance.sync().served()).isTrue();
    awaitPage("oracle 1.1.0");
  }

  @Test
  void anUnusableListingIsAConditionWithARemedy() throws Exception {
    String remedy = "docs/operate/updates.md has the format";
    list("[" + "x".repeat(2 << 20));
    awaitConditions("OriginFailed", "larger than 1048576 bytes", remedy);
    list("<html>\u001b]0;owned\u0007</html>");
    awaitConditions("OriginFailed", "not valid JSON", remedy);
    list("{\"versions\": [" + "[".repeat(5_000));
    awaitConditions("OriginFailed", "not valid JSON", remedy);
    list("{\"version\": \"1.1.0\"}");
    awaitConditions("OriginFailed", "no list `versions`", remedy);
    pages.answerEndlessly(true);
    instance.control().retry("App", "oracle");
    awaitConditions("OriginFailed", "larger than 1048576 bytes", remedy);
    pages.answerEndlessly(false);
    list("{\"versions\": []}");
    await()
        .atMost(TIMEOUT)
        .untilAsserted(() -> assertThat(conditions()).doesNotContain("UpdateFailed"));
    assertThat(repository.branches()).isEmpty();
  }

  @Test
  void aPackageWithAnotherDigestIsNotOffered() throws Exception {
    String other = "0123456789abcdef".repeat(4);
    var _ = publish("1.1.0");
    list("{\"versions\": [%s]}".formatted(entry("1.1.0", other, "")));
    awaitConditions("UpdateFailed", "CandidateFailed", "sha256", other);
    assertThat(repository.branches()).isEmpty();
    assertThat(instance.get("delphi", "/").body()).isEqualTo("oracle 1.0.0");
  }

  private void awaitConditions(String... texts) {
    await().atMost(TIMEOUT).untilAsserted(() -> assertThat(conditions()).contains(texts));
    assertThat(conditions().chars()).noneMatch(c -> c < ' ' && c != '\n');
  }

  private void awaitPage(String text) {
    await()
        .atMost(TIMEOUT)
        .untilAsserted(
            () ->
                assertThat(instance.get("delphi", "/").body())
                    .as(instance.conditions("delphi"))
                    .isEqualTo(text));
  }

  private String conditions() {
    return instance.object("App", "oracle").conditions().stream()
        .map(Condition::toString)
        .collect(Collectors.joining("\n"));
  }
}
