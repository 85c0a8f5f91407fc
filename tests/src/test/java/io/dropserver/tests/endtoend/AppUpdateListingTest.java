package io.dropserver.tests.endtoend;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.dropserver.schema.status.Condition;
import io.dropserver.schema.text.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** New versions of a package from a listing, which an https server on loopback serves. */
@Tag("slow")
class AppUpdateListingTest {
  private static final Duration TIMEOUT = Duration.ofMinutes(3);
  private static final String PASSWORD = "password";
  private static final String BRANCH = "dropserver/update/oracle/1.1.0";

  @TempDir private Path folder;
  private final Map<String, byte[]> answers = new ConcurrentHashMap<>();
  private volatile boolean endless;
  private HttpsServer server;
  private LiveInstance instance;
  private ConfigRepository repository;

  @BeforeEach
  void prepare() throws Exception {
    // Sandboxes run as other users, which must be able to traverse this folder.
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    Path keys = folder.resolve("keys.p12");
    keytool(
        "-genkeypair -keyalg EC -dname CN=listing -ext san=ip:127.0.0.1 -storetype PKCS12", keys);
    server = HttpsServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(context(keys)));
    server.setExecutor(task -> Thread.ofVirtual().start(task));
    server.createContext("/", this::answer);
    server.start();
    Path certificate = folder.resolve("listing.pem");
    keytool("-exportcert -rfc -file " + certificate, keys);
    Path trust = folder.resolve("trust.p12");
    keytool("-importcert -noprompt -storetype PKCS12 -file " + certificate, trust);
    Path config = folder.resolve("dropserver.yaml");
    instance =
        LiveInstance.tiny(
            folder,
            List.of(
                "-Djavax.net.ssl.trustStore=" + trust,
                "-Djavax.net.ssl.trustStorePassword=" + PASSWORD),
            "--config",
            config.toString());
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
    endless = false;
    server.stop(0);
  }

  private static void keytool(String arguments, Path store) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
    command.addAll(List.of(arguments.split(" ", -1)));
    command.addAll(
        List.of("-alias", "listing", "-keystore", store.toString(), "-storepass", PASSWORD));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
  }

  private static SSLContext context(Path keys) throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream input = Files.newInputStream(keys)) {
      store.load(input, PASSWORD.toCharArray());
    }
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(store, PASSWORD.toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return context;
  }

  private void answer(HttpExchange exchange) throws IOException {
    byte[] answer = answers.get(exchange.getRequestURI().getPath());
    try (exchange) {
      if (endless) {
        exchange.sendResponseHeaders(200, 0);
        while (endless) {
          exchange.getResponseBody().write(" ".repeat(8192).getBytes(UTF_8));
        }
      } else if (answer == null) {
        exchange.sendResponseHeaders(404, -1);
      } else {
        exchange.sendResponseHeaders(200, answer.length);
        exchange.getResponseBody().write(answer);
      }
    }
  }

  private URI url(String path) {
    return URI.create("https://127.0.0.1:" + server.getAddress().getPort() + path);
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
    answers.put("/oracle-" + version + ".tar.gz", archive);
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
                .formatted(url("/listing.json"), url("/oracle-1.0.0.tar.gz"), sha256))
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
    answers.put("/listing.json", listing.getBytes(UTF_8));
    instance.control().retry("App", "oracle");
  }

  private String entry(String version, String sha256, String changelog) {
    return "{\"version\": \"%s\", \"url\": \"%s\", \"sha256\": \"%s\", \"changelog\": \"%s\"}"
        .formatted(version, url("/oracle-" + version + ".tar.gz"), sha256, changelog);
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
        .contains("+    - version: 1.1.0", url("/oracle-1.1.0.tar.gz").toString(), sha256);
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
    String remedy = "docs/updates.md has the format";
    list("[" + "x".repeat(2 << 20));
    awaitConditions("OriginFailed", "larger than 1048576 bytes", remedy);
    list("<html>\u001b]0;owned\u0007</html>");
    awaitConditions("OriginFailed", "not valid JSON", remedy);
    list("{\"versions\": [" + "[".repeat(5_000));
    awaitConditions("OriginFailed", "not valid JSON", remedy);
    list("{\"version\": \"1.1.0\"}");
    awaitConditions("OriginFailed", "no list `versions`", remedy);
    endless = true;
    instance.control().retry("App", "oracle");
    awaitConditions("OriginFailed", "larger than 1048576 bytes", remedy);
    endless = false;
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
