package io.dropserver.tests.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.control.AppspaceUsage;
import io.dropserver.tests.Checkout;
import io.dropserver.tests.endtoend.LiveInstance;
import io.dropserver.tests.endtoend.SandboxProcesses;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A running server with one entry of the catalogue, copied as its guide says. Only the access is
 * changed, to {@code public}. Not thread-safe.
 */
final class CatalogueInstance implements AutoCloseable {
  static final Path CATALOGUE = Checkout.root().resolve("catalogue");

  private static final Path OLDER = Path.of("src/test/catalogue");

  /** Covers an installation from the registry on a machine with other load. */
  private static final Duration INSTALLATION = Duration.ofMinutes(8);

  /** An Instance document, which ends in its spec, so that more fields can follow. */
  static final String SETTINGS =
      """
      apiVersion: dropserver.io/v1
      kind: User
      metadata: {name: alice}
      spec: {displayName: Alice, role: admin}
      ---
      apiVersion: dropserver.io/v1
      kind: Instance
      metadata: {name: catalogue}
      spec:
        domain: %s
        reconcile: {interval: 1h}
      """
          .formatted(LiveInstance.DOMAIN);

  private final String entry;
  private final LiveInstance instance;

  private CatalogueInstance(String entry, LiveInstance instance) {
    this.entry = entry;
    this.instance = instance;
  }

  /** Creates the instance, pushes the entry, and starts the server. */
  static CatalogueInstance start(Path folder, String entry) throws IOException {
    CatalogueInstance created = create(folder, entry);
    created.push("Add " + entry + " from the catalogue");
    created.instance.start();
    // On a machine with other load, an installation can take longer than a sync waits.
    var _ = created.instance.sync();
    return created;
  }

  /**
   * Starts the server with the release before, whose lock file is in {@code src/test/catalogue}.
   */
  static CatalogueInstance startOlder(Path folder, String entry, String older) throws IOException {
    CatalogueInstance created = create(folder, entry);
    String lock = "%s-%s.lock".formatted(entry, older);
    String version = created.version();
    created
        .instance
        .repository()
        .write(entry + "/" + lock, Files.readString(OLDER.resolve(lock)))
        .replace(entry + "/app.yaml", "version: " + version, "version: " + older)
        .replace(entry + "/app.yaml", "%s-%s.lock".formatted(entry, version), lock)
        .replace(entry + "/appspace.yaml", "version: " + version, "version: " + older);
    created.push("Begin with the release before");
    created.instance.start();
    // On a machine with other load, an installation can take longer than a sync waits.
    var _ = created.instance.sync();
    return created;
  }

  /** Pushes the entry as it is in the catalogue, and waits until its version runs. */
  void upgrade(String path) throws IOException {
    copyEntry();
    push("Upgrade to the version of the catalogue");
    var _ = instance.sync();
    String wanted = "\"version\":\"" + version() + '"';
    var _ =
        await("the upgrade of " + entry)
            .atMost(INSTALLATION)
            .pollInterval(Duration.ofMillis(500))
            .ignoreException(AssertionError.class)
            .until(
                () -> {
                  var _ = instance.get(entry, path);
                  Path app = Path.of("/proc", Long.toString(program().pid()), "root/app");
                  return Files.readString(app.resolve("dropapp.json"));
                },
                manifest -> manifest.contains(wanted));
  }

  private void push(String message) throws IOException {
    var _ = instance.repository().push(message);
  }

  private static CatalogueInstance create(Path folder, String entry) throws IOException {
    // Sandboxes run as other users, which must be able to traverse this folder.
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    LiveInstance instance = LiveInstance.create(folder);
    instance.repository().write("instance.yaml", SETTINGS);
    CatalogueInstance created = new CatalogueInstance(entry, instance);
    created.copyEntry();
    return created;
  }

  private void copyEntry() throws IOException {
    instance
        .repository()
        .copyFrom(CATALOGUE.resolve(entry), entry)
        .replace(entry + "/appspace.yaml", "access: members", "access: public");
  }

  String entry() {
    return entry;
  }

  LiveInstance live() {
    return instance;
  }

  /** Waits until the entry is installed and answers this path with a status below 400. */
  HttpResponse<String> awaitInstalled(String path) {
    return await("the installation of " + entry)
        .atMost(INSTALLATION)
        .pollInterval(Duration.ofMillis(500))
        .until(
            () -> {
              assertThat(instance.conditions(entry)).doesNotContain("Stalled");
              return instance.get(entry, path);
            },
            response -> response.statusCode() < 400);
  }

  /** Kills the program, and measures its next start and a further request. */
  void measure(String path) throws IOException, InterruptedException {
    var _ = time(path); // a program that nothing asks is stopped
    ProcessHandle program = program();
    assertThat(program.destroyForcibly()).isTrue();
    program.onExit().join();
    // Until the server notices the end, it passes a request to the program, and the request fails.
    await("the end of " + entry)
        .until(
            () ->
                isAlwaysRunning()
                    || instance
                        .object("Appspace", entry)
                        .usage()
                        .filter(AppspaceUsage::live)
                        .isEmpty());
    Duration cold = time(path);
    Duration warm = time(path);
    CatalogueTimes.record(entry, value("source: \\{npm: (\\S+)\\}"), version(), cold, warm);
  }

  private Duration time(String path) throws IOException, InterruptedException {
    long start = System.nanoTime();
    assertThat(instance.get(entry, path).statusCode()).isLessThan(400);
    return Duration.ofNanos(System.nanoTime() - start);
  }

  /** Returns the process of the program. */
  ProcessHandle program() throws IOException {
    return SandboxProcesses.deno(instance.state(), appName(entry));
  }

  /** Returns the name in the manifest of an entry's newest version. */
  static String appName(String entry) throws IOException {
    return value(entry, "\n        name: (.+)\n");
  }

  /** Returns the data folder, through the running program. */
  Path data() throws IOException {
    return Path.of("/proc", Long.toString(program().pid()), "root/data");
  }

  /** Returns whether the server starts the program without a request. */
  boolean isAlwaysRunning() throws IOException {
    return Files.readString(CATALOGUE.resolve(entry).resolve("appspace.yaml"))
        .contains("idleTimeout: never");
  }

  /** Returns the version that the entry's appspace uses. */
  String version() throws IOException {
    return value("- version: (\\S+)");
  }

  private String value(String pattern) throws IOException {
    return value(entry, pattern);
  }

  private static String value(String entry, String pattern) throws IOException {
    String document = Files.readString(CATALOGUE.resolve(entry).resolve("app.yaml"));
    Matcher matcher = Pattern.compile(pattern).matcher(document);
    assertThat(matcher.find()).as(pattern).isTrue();
    return matcher.group(1).replace("\"", "");
  }

  HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return instance.get(entry, path);
  }

  /** Returns the address of the program's page in the shell. */
  String shell(String path) {
    return instance.shell("/a/" + entry + path);
  }

  @Override
  public void close() {
    instance.close();
  }
}
