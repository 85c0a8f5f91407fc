package io.dropserver.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Packages of an https server on loopback, from the author's folder to the page. */
@Tag("slow")
class PackageSourceTest {
  private static final Duration TIMEOUT = Duration.ofMinutes(3);

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
    repository.git("config", "user.name", "Person");
    repository.git("config", "user.email", "person@example.org");
    repository.git("config", "commit.gpgsign", "false");
    Files.writeString(
        config,
        """
        sandbox: {allowWeaker: [uid, cgroup, storage]}
        repo: {url: "%s"}
        egress: {open: [127.0.0.0/8]}
        """
            .formatted(repository.remote()));
  }

  @AfterEach
  void close() {
    instance.close();
    pages.close();
  }

  @Test
  void aSignedPackageIsAddedByItsUrlAndAnotherSignatureIsRefused() throws Exception {
    Path author = key("author");
    publish("1.0.0", author);
    CommandLineProgram added = add("1.0.0");
    assertThat(added.exitCode()).as(added.err()).isZero();
    assertThat(added.out())
        .contains("board 1.0.0", pages.url("/board-1.0.0.tar.gz").toString(), "committed");
    assertThat(repository.git("show", "--format=%s", "HEAD"))
        .contains("Add " + pages.url("/board-1.0.0.tar.gz"))
        .containsPattern("sha256: \"?[0-9a-f]{64}");
    requireSigner(author);
    use("1.0.0");
    instance.start();
    var _ = instance.sync();
    awaitPage("board 1.0.0");

    publish("1.1.0", key("stranger"));
    CommandLineProgram next = add("1.1.0");
    assertThat(next.exitCode()).as(next.err()).isZero();
    use("1.1.0");
    var _ = instance.sync();
    await()
        .atMost(TIMEOUT)
        .untilAsserted(() -> assertThat(instance.conditions("one")).contains("SignatureRefused"));
    assertThat(instance.get("one", "/").body()).isEqualTo("board 1.0.0");

    sign("1.1.0", author);
    instance.control().retry("Appspace", "one");
    awaitPage("board 1.1.0");
  }

  @Test
  void aMissingPackageChangesNothing() throws Exception {
    String before = repository.git("rev-parse", "HEAD");
    CommandLineProgram refused = add("9.0.0");
    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.err()).contains("404", "no file was changed");
    assertThat(repository.git("rev-parse", "HEAD")).isEqualTo(before);
    assertThat(repository.git("status", "--porcelain")).isBlank();
  }

  private Path key(String name) throws Exception {
    Path key = folder.resolve(name);
    Process process =
        new ProcessBuilder(
                "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", key.toString())
            .start();
    assertThat(process.waitFor()).isZero();
    return key;
  }

  /** Packs the app with {@code dropserver app pack}, signs it and uploads both files. */
  private void publish(String version, Path key) throws Exception {
    Path app = Files.createDirectories(folder.resolve("board-" + version));
    Files.writeString(
        app.resolve("dropapp.json"),
        "{\"name\": \"Board\", \"version\": \"%s\", \"entrypoint\": \"main.ts\"}"
            .formatted(version));
    Files.writeString(
        app.resolve("main.ts"),
        "export default { fetch: () => new Response(\"board %s\") };\n".formatted(version));
    sign(version, key);
    pages.put(path(version), Files.readAllBytes(archive(version)));
  }

  private void sign(String version, Path key) throws Exception {
    CommandLineProgram packed =
        CommandLineProgram.run(
            "app",
            "pack",
            folder.resolve("board-" + version).toString(),
            "--output",
            archive(version).toString(),
            "--sign",
            key.toString());
    assertThat(packed.exitCode()).as(packed.err()).isZero();
    Path signature = Path.of(archive(version) + ".sig");
    pages.put(path(version) + ".sig", Files.readAllBytes(signature));
  }

  private Path archive(String version) {
    return folder.resolve("packed-" + version + ".tar.gz");
  }

  private static String path(String version) {
    return "/board-" + version + ".tar.gz";
  }

  private CommandLineProgram add(String version) throws IOException, InterruptedException {
    return CommandLineProgram.run(
        pages.javaOptions(),
        "app",
        "add",
        pages.url(path(version)).toString(),
        "--name",
        "board",
        "--dir",
        repository.workingCopy().toString());
  }

  private void requireSigner(Path key) throws IOException {
    String publicKey = Files.readString(Path.of(key + ".pub")).strip();
    repository
        .replace("board.yaml", "spec:\n", "spec:\n  signers: [\"%s\"]\n".formatted(publicKey))
        .push("Require a signature");
  }

  private void use(String version) throws IOException {
    repository
        .write(
            "appspaces/one.yaml",
            MinimalInstance.appspace("one", version, false, 192)
                .replace("{name: hello,", "{name: board,"))
        .push("Use " + version);
  }

  private void awaitPage(String text) {
    await()
        .atMost(TIMEOUT)
        .untilAsserted(
            () ->
                assertThat(instance.get("one", "/").body())
                    .as(instance.conditions("one"))
                    .isEqualTo(text));
  }
}
