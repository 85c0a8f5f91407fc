package io.dropserver.sandbox.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.base.text.Sha256;
import io.dropserver.sandbox.InstalledApp;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.app.InstallProgress.Step;
import io.dropserver.schema.instance.AppRuntime;
import io.dropserver.schema.instance.DropappManifest;
import io.dropserver.state.condition.AppReason;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AppStoreTest {
  static final String MANIFEST =
      "{\"name\": \"Notes\", \"version\": \"1.0.0\", \"entrypoint\": \"main.ts\"}";

  @TempDir Path temp;
  private final AtomicReference<Instant> now = new AtomicReference<>(Instant.now());
  private final InstantPreparation preparation = new InstantPreparation();
  private Path folder;
  private Path source;
  private AppStore store;

  @BeforeEach
  void writeAnApp() throws IOException {
    folder = temp.resolve("apps");
    source = Files.createDirectory(temp.resolve("source"));
    Files.writeString(source.resolve("dropapp.json"), MANIFEST);
    Files.writeString(source.resolve("main.ts"), "export default {};");
    store = open();
  }

  private AppStore open() {
    return new AppStore(folder, preparation, AppSizeLimits.DEFAULT, now::get);
  }

  @Test
  void anInstalledVersionIsCompleteAndReadOnly() throws IOException {
    List<Step> steps = new ArrayList<>();
    InstalledApp app = store.install("notes", "1.0.0", FolderFiles.of(source), steps::add);
    assertThat(steps).containsExactly(Step.values());
    assertThat(app.manifest().name()).isEqualTo("Notes");
    assertThat(app.runtime()).isEqualTo(AppRuntime.FETCH);
    assertThat(app.files().resolve("main.ts")).hasContent("export default {};");
    assertThat(app.denoDir().resolve("gen/main.js")).hasContent("cached");
    for (Path root : List.of(app.files(), app.denoDir())) {
      try (Stream<Path> all = Files.walk(root)) {
        assertThat(all).allSatisfy(AppStoreTest::assertSealed);
      }
    }
  }

  @Test
  void installingAgainReturnsTheExistingInstallation() throws IOException {
    InstalledApp first = install();
    assertThat(install()).isEqualTo(first);
    store = open();
    assertThat(store.installed("notes", "1.0.0", first.contentId())).contains(first);
    assertThat(install()).isEqualTo(first);
    assertThat(preparation.runs()).hasValue(1);
  }

  @Test
  void anotherToolchainBuildsItsOwnCaches() throws IOException {
    InstalledApp first = install();
    var newer = new InstantPreparation("deno-2", preparation.runs());
    store = new AppStore(folder, newer, AppSizeLimits.DEFAULT, now::get);
    assertThat(store.installed("notes", "1.0.0", first.contentId())).isEmpty();
    assertThat(install().denoDir()).isNotEqualTo(first.denoDir()).isDirectory();
  }

  @Test
  void oneContentUnderTwoNamesIsInstalledOnce() throws IOException {
    InstalledApp first = install();
    InstalledApp other =
        store.install("diary", "1.0.0", FolderFiles.of(source), InstallProgress.SILENT);
    assertThat(other.app()).isEqualTo("diary");
    assertThat(other.files()).isEqualTo(first.files());
    assertThat(preparation.runs()).hasValue(1);
  }

  @Test
  void versionsThatFailedBeforeArePreparedOneAtATimeAndDelayNoNewOne() throws Exception {
    var entered = new CountDownLatch(1);
    var respond = new CountDownLatch(1);
    var running = new AtomicInteger();
    var most = new AtomicInteger();
    Preparation slow =
        new Preparation() {
          @Override
          public String toolchain() {
            return preparation.toolchain();
          }

          @Override
          public Prepared prepare(
              InstallFolder install,
              DropappManifest manifest,
              Optional<Path> earlier,
              String lockRemedy,
              InstallProgress progress)
              throws IOException {
            if (!manifest.name().equals("Again")) {
              return preparation.prepare(install, manifest, earlier, lockRemedy, progress);
            }
            most.accumulateAndGet(running.incrementAndGet(), Math::max);
            entered.countDown();
            try {
              respond.await();
            } catch (InterruptedException e) {
              throw new IOException(e);
            }
            running.decrementAndGet();
            return preparation.prepare(install, manifest, earlier, lockRemedy, progress);
          }
        };
    store = new AppStore(folder, slow, AppSizeLimits.DEFAULT, now::get);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<InstalledApp>> repeated = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        Path again = Files.createDirectory(temp.resolve("again-" + i));
        Files.writeString(again.resolve("dropapp.json"), MANIFEST.replace("Notes", "Again"));
        Files.writeString(again.resolve("main.ts"), "// " + i);
        repeated.add(
            threads.submit(
                () ->
                    store.install(
                        "again",
                        "1.0.0",
                        FolderFiles.of(again),
                        InstallProgress.SILENT,
                        InstallPriority.LOW)));
      }
      entered.await();
      assertThat(install().app()).isEqualTo("notes");
      respond.countDown();
      for (Future<InstalledApp> each : repeated) {
        assertThat(each.get().app()).isEqualTo("again");
      }
    }
    assertThat(most).hasValue(1);
    assertThat(preparation.runs()).hasValue(4);
  }

  @Test
  void concurrentCallersShareOneInstallation() throws Exception {
    FolderFiles files = FolderFiles.of(source);
    var begun = new CountDownLatch(1);
    var proceed = new CountDownLatch(1);
    AppFiles slow =
        new AppFiles() {
          @Override
          public String contentId() {
            return files.contentId();
          }

          @Override
          public void copyTo(Sink sink) throws IOException {
            begun.countDown();
            try {
              proceed.await();
            } catch (InterruptedException e) {
              throw new IOException(e);
            }
            files.copyTo(sink);
          }
        };
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var results =
          Collections.nCopies(8, slow).stream()
              .map(
                  f ->
                      threads.submit(
                          () -> store.install("notes", "1.0.0", f, InstallProgress.SILENT)))
              .toList();
      begun.await();
      proceed.countDown();
      for (var result : results) {
        assertThat(result.get().files()).isDirectory();
      }
    }
    assertThat(preparation.runs()).hasValue(1);
  }

  @Test
  void aFailureReachesEveryCallerAndLeavesNothing() throws IOException {
    Files.writeString(source.resolve("dropapp.json"), "{\"name\": 1}");
    assertThatThrownBy(this::install)
        .isInstanceOf(SandboxException.class)
        .hasMessageContaining("dropapp.json:1:")
        .extracting("reason")
        .isEqualTo(AppReason.MANIFEST_INVALID);
    assertNothingVisible();
    Files.writeString(source.resolve("dropapp.json"), MANIFEST);
    assertThat(install().files()).isDirectory();
  }

  @Test
  void aVersionThatDiffersFromTheManifestIsRefusedAlsoWhenTheContentIsHere() throws IOException {
    install();
    FolderFiles files = FolderFiles.of(source);
    assertThatThrownBy(() -> store.install("notes", "2.0.0", files, InstallProgress.SILENT))
        .hasMessageContaining("declares version 2.0.0")
        .hasMessageContaining("says 1.0.0");
    assertThat(store.installed("notes", "2.0.0", files.contentId())).isEmpty();
  }

  @Test
  void aMissingOrNonModuleEntrypointIsRefused() throws IOException {
    Files.delete(source.resolve("main.ts"));
    assertThatThrownBy(this::install).hasMessageContaining("entrypoint names \"main.ts\"");
    Files.writeString(source.resolve("dropapp.json"), MANIFEST.replace("main.ts", "dropapp.json"));
    assertThatThrownBy(this::install).hasMessageContaining("ends in .ts");
  }

  @Test
  void anArchiveWithAFolderAroundItIsExplained() throws IOException {
    Files.createDirectory(source.resolve("notes-1.0.0"));
    Files.move(source.resolve("dropapp.json"), source.resolve("notes-1.0.0/dropapp.json"));
    assertThatThrownBy(this::install).hasMessageContaining("the folder \"notes-1.0.0\" has one");
  }

  @Test
  void aPackageIsInstalledOnlyIfItsHashMatches() throws IOException {
    byte[] bytes =
        PackageBuilder.empty().file("dropapp.json", MANIFEST).file("main.ts", "export {}").bytes();
    URI url = Files.write(temp.resolve("notes.tar.gz"), bytes).toUri();
    String sha256 = HexFormat.of().formatHex(Sha256.newDigest().digest(bytes));
    var wrong = store.packageAt(url, "0".repeat(64));
    assertThatThrownBy(() -> store.install("notes", "1.0.0", wrong, InstallProgress.SILENT))
        .hasMessageContaining(sha256)
        .extracting("reason")
        .isEqualTo(AppReason.HASH_MISMATCH);
    assertNothingVisible();
    InstalledApp app =
        store.install("notes", "1.0.0", store.packageAt(url, sha256), InstallProgress.SILENT);
    assertThat(app.contentId()).isEqualTo("sha256-" + sha256);
  }

  @Test
  void aPackageWithoutAnAcceptedSignatureIsRefusedAlsoIfItIsInstalled() throws IOException {
    byte[] bytes =
        PackageBuilder.empty().file("dropapp.json", MANIFEST).file("main.ts", "export {}").bytes();
    URI url = Files.write(temp.resolve("notes.tar.gz"), bytes).toUri();
    URI signature = Files.writeString(temp.resolve("notes.sig"), "signed").toUri();
    String sha256 = HexFormat.of().formatHex(Sha256.newDigest().digest(bytes));
    store.install("notes", "1.0.0", store.packageAt(url, sha256), InstallProgress.SILENT);
    var refused = store.signedPackageAt(url, sha256, rule(signature, "no"), "sha256-signed-1");
    assertThatThrownBy(() -> store.install("notes", "1.0.0", refused, InstallProgress.SILENT))
        .hasMessageContaining("notes.sig")
        .hasMessageContaining("is refused: no.")
        .extracting("reason")
        .isEqualTo(AppReason.SIGNATURE_REFUSED);
    URI missing = temp.resolve("missing.sig").toUri();
    var unsigned = store.signedPackageAt(url, sha256, rule(missing, ""), "sha256-signed-2");
    assertThatThrownBy(() -> store.install("notes", "1.0.0", unsigned, InstallProgress.SILENT))
        .hasMessageContaining("missing.sig")
        .extracting("reason")
        .isEqualTo(AppReason.FETCH_FAILED);
    var accepted = store.signedPackageAt(url, sha256, rule(signature, ""), "sha256-signed-3");
    assertThat(store.install("notes", "1.0.0", accepted, InstallProgress.SILENT).contentId())
        .isEqualTo("sha256-signed-3");
  }

  @Test
  void anOversizedSignatureIsRefused() throws IOException {
    byte[] bytes =
        PackageBuilder.empty().file("dropapp.json", MANIFEST).file("main.ts", "export {}").bytes();
    URI url = Files.write(temp.resolve("notes.tar.gz"), bytes).toUri();
    URI signature = Files.write(temp.resolve("notes.sig"), new byte[(16 << 10) + 1]).toUri();
    String sha256 = HexFormat.of().formatHex(Sha256.newDigest().digest(bytes));
    var signed = store.signedPackageAt(url, sha256, rule(signature, ""), "sha256-signed");
    assertThatThrownBy(() -> store.install("notes", "1.0.0", signed, InstallProgress.SILENT))
        .hasMessageContaining("larger than 16.0 KiB")
        .extracting("reason")
        .isEqualTo(AppReason.FETCH_FAILED);
    assertNothingVisible();
  }

  private static SignatureRule rule(URI url, String objection) {
    return new SignatureRule() {
      @Override
      public URI url() {
        return url;
      }

      @Override
      public Optional<String> objection(Path file, byte[] signature) throws IOException {
        assertThat(file).isNotEmptyFile();
        assertThat(signature).asString().isEqualTo("signed");
        return Optional.of(objection).filter(text -> !text.isEmpty());
      }
    };
  }

  @Test
  void onlyContentUnusedForTheGracePeriodIsCollected() throws IOException {
    String id = install().contentId();
    Duration grace = Duration.ofHours(1);
    assertThat(store.collect(Set.of(), grace)).isZero();
    now.set(now.get().plus(Duration.ofHours(5)));
    assertThat(store.collect(Set.of(id), grace)).isZero();
    now.set(now.get().plus(Duration.ofMinutes(50)));
    assertThat(store.collect(Set.of(), grace)).isZero();
    now.set(now.get().plus(Duration.ofMinutes(20)));
    assertThat(store.collect(Set.of("sha256-other"), grace)).isEqualTo(1);
    assertThat(store.installed("notes", "1.0.0", id)).isEmpty();
    assertNothingVisible();
  }

  @Test
  void contentBeingInstalledIsNotCollected() throws Exception {
    String id = install().contentId();
    now.set(now.get().plus(Duration.ofDays(30)));
    // Another toolchain: the content is present, old and unused, and is being installed again.
    store =
        new AppStore(
            folder,
            new InstantPreparation("deno-2", preparation.runs()),
            AppSizeLimits.DEFAULT,
            now::get);
    InstalledApp app =
        store.install(
            "notes",
            "1.0.0",
            FolderFiles.of(source),
            step -> assertThat(store.collect(Set.of(), Duration.ofDays(7))).isZero());
    assertThat(app.contentId()).isEqualTo(id);
    assertThat(app.files()).isDirectory();
    assertThat(store.collect(Set.of(), Duration.ofDays(7))).as("it has just been used").isZero();
  }

  @Test
  void olderToolchainCachesAreCollectedAfterTheGracePeriod() throws IOException {
    InstalledApp old = install();
    var newer = new InstantPreparation("deno-2", preparation.runs());
    store = new AppStore(folder, newer, AppSizeLimits.DEFAULT, now::get);
    Duration grace = Duration.ofHours(1);
    Set<String> inUse = Set.of(old.contentId());
    now.set(now.get().plus(Duration.ofHours(2)));
    store.collect(inUse, grace);
    assertThat(old.files()).isDirectory();
    InstalledApp current = install();
    store.collect(inUse, grace);
    now.set(now.get().plus(Duration.ofHours(2)));
    store.collect(inUse, grace);
    assertThat(old.files()).doesNotExist();
    assertThat(current.files()).isDirectory();
  }

  /** Installs in another process, which is killed when the step begins. */
  @ParameterizedTest
  @EnumSource(names = "COMPLETE", mode = EnumSource.Mode.EXCLUDE)
  void aKilledInstallationLeavesNothingVisible(Step step) throws Exception {
    Process process =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                DyingInstall.class.getName(),
                folder.toString(),
                source.toString(),
                step.name())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).describedAs(output).isEqualTo(99);
    assertThat(folder.resolve(".tmp")).isNotEmptyDirectory();
    assertThat(store.installed("notes", "1.0.0", FolderFiles.of(source).contentId())).isEmpty();
    store = open();
    assertNothingVisible();
    assertThat(install().files()).isDirectory();
  }

  @Test
  void aContentIdThatIsAPathIsRefused() {
    AppFiles hostile =
        new AppFiles() {
          @Override
          public String contentId() {
            return "../../../etc";
          }

          @Override
          public void copyTo(Sink sink) throws IOException {
            sink.file("main.ts", new ByteArrayInputStream(new byte[0]));
          }
        };
    assertThatThrownBy(() -> store.install("notes", "1.0.0", hostile, InstallProgress.SILENT))
        .hasMessageContaining("is not a content id");
  }

  private static void assertSealed(Path path) throws IOException {
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
        .isEqualTo(Files.isDirectory(path) ? "r-xr-xr-x" : "r--r--r--");
  }

  private InstalledApp install() throws IOException {
    return store.install("notes", "1.0.0", FolderFiles.of(source), InstallProgress.SILENT);
  }

  private void assertNothingVisible() throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      assertThat(all.map(path -> folder.relativize(path).toString()))
          .containsExactlyInAnyOrder("", ".tmp");
    }
  }
}
