package io.dropserver.backup.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.backup.BackupException;
import io.dropserver.backup.ProgressListener;
import io.dropserver.backup.copy.PathText;
import io.dropserver.backup.engine.BackupManifest.Sample;
import io.dropserver.backup.restic.PendingBackup;
import io.dropserver.backup.restic.RepositorySettings;
import io.dropserver.backup.restic.ResticRepository;
import io.dropserver.sandbox.linux.FileStatus;
import io.dropserver.state.condition.BackupReason;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Verifies backups and whole repositories that are damaged, with a real restic. */
@Tag("slow")
class VerificationTest {
  private static final int MEBIBYTE = 1 << 20;

  @TempDir Path folder;
  private final Random random = new Random(39);
  private BackupFolders folders;
  private Path files;
  private ResticRepository repository;
  private BackupEngine engine;

  @BeforeEach
  void begin() throws IOException {
    folders = new BackupFolders(folder.resolve("backups"));
    folders.prepare();
    folders.ensurePassword();
    files = Files.createDirectory(folder.resolve("files"));
    repository =
        new ResticRepository(
            new RepositorySettings(
                folders.repository().toString(),
                folders.password(),
                Optional.empty(),
                folders.cache()));
    engine = new BackupEngine(folders, repository, new PlainAccess(() -> {}), Clock.systemUTC());
  }

  @AfterEach
  void end() {
    engine.close();
  }

  private String backUp() {
    BackupSource source =
        new BackupSource(
            "probe",
            "id1",
            files,
            1L << 30,
            new BackupSource.AppspaceDeclaration(
                "notes", "1.0.0", "content", "path apps/notes", "alice", new TreeMap<>(), "abc"));
    return engine.backUp(source, ProgressListener.NONE).snapshot();
  }

  private Verification verify() {
    return engine.verify(engine.find("latest", "probe"), ProgressListener.NONE);
  }

  private void write(String name, int bytes) throws IOException {
    byte[] content = new byte[bytes];
    random.nextBytes(content);
    Files.write(files.resolve(name), content);
  }

  private void shell(String script) throws Exception {
    Process process =
        new ProcessBuilder("bash", "-ec", script).directory(files.toFile()).inheritIO().start();
    assertThat(process.waitFor()).isZero();
  }

  @Test
  @Timeout(120)
  void anyNameALinkAndAnEmptyFolderAreCompared() throws Exception {
    shell(
        """
        mkdir -p $'folder-\\xff' empty $'leer-\\xc3\\xa4'
        echo kept > $'bad-\\xff\\xfe'; echo kept > $'folder-\\xff/in-\\x80'; echo kept > $'two\\n\\n'
        echo kept > ' -leading'; echo kept > '[1]*?'; echo kept > 'back\\slash'; echo kept > '$(x)'
        echo kept > $'gr\\xc3\\xbc\\xc3\\x9fe'; ln -s nowhere dangling
        target=$'to-\\xff'; case $(restic version) in 'restic 0.14'*) target=to ;; esac # 0.14 changes such targets
        ln -s "$target" $'link-\\xff'
        ln ' -leading' second; : > nothing
        """);
    backUp();
    BackupManifest manifest = engine.manifest(engine.find("latest", "probe"));

    assertThat(manifest.entries())
        .extracting(each -> PathText.unescape(each.path()))
        .contains("bad-\u00ff\u00fe", "folder-\u00ff/in-\u0080", "two\n\n", "back\\slash", "second")
        .contains("link-\u00ff", "dangling", "empty", "leer-\u00c3\u00a4", "nothing", "$(x)");
    assertThat(manifest.entries())
        .extracting(Sample::type)
        .contains(FileStatus.Type.FILE, FileStatus.Type.SYMLINK, FileStatus.Type.FOLDER);
    assertThat(verify())
        .isEqualTo(new Verification(manifest.entries().size(), 40, manifest.bytes()));
  }

  @Test
  @Timeout(120)
  void eachKindOfDifferenceIsFound() throws Exception {
    shell("mkdir empty; echo one > a; ln -s nowhere link");
    write("large", 20 * MEBIBYTE);
    String snapshot = backUp();
    BackupManifest manifest = engine.manifest(engine.find("latest", "probe"));
    BackupVerifier verifier = new BackupVerifier(folders, repository);

    for (Sample each : manifest.entries()) {
      Sample other =
          new Sample(
              each.type(),
              each.path(),
              each.offset(),
              each.length(),
              each.size(),
              each.sha256().replace('a', 'b').replace('0', 'a'));
      assertThatThrownBy(
              () ->
                  verifier.verifySample(
                      snapshot, manifestWith(manifest, List.of(other)), ProgressListener.NONE))
          .as(each.toString())
          .hasMessageContaining("use an earlier snapshot")
          .extracting(e -> ((BackupException) e).reason())
          .isEqualTo(BackupReason.NOT_VERIFIED);
    }
  }

  private static BackupManifest manifestWith(BackupManifest manifest, List<Sample> entries) {
    return new BackupManifest(
        manifest.format(),
        manifest.appspace(),
        manifest.app(),
        manifest.version(),
        manifest.content(),
        manifest.source(),
        manifest.owner(),
        manifest.users(),
        manifest.revision(),
        manifest.takenAt(),
        manifest.frozenMillis(),
        manifest.files(),
        manifest.bytes(),
        manifest.skippedCount(),
        manifest.skipped(),
        List.of(),
        entries);
  }

  @Test
  @Timeout(120)
  void rangesOfLargeFilesAreComparedAndDamageAnywhereIsFoundByAWholeVerification()
      throws Exception {
    for (String name : List.of("one", "two", "three")) {
      write(name, 20 * MEBIBYTE);
    }
    String snapshot = backUp();
    Verification sample = verify();
    assertThat(sample.bytes()).isBetween(16L * MEBIBYTE, 60L * MEBIBYTE);
    assertThat(sample.totalBytes()).isEqualTo(60L * MEBIBYTE);
    assertThat(engine.verifyAll(snapshot, ProgressListener.NONE).bytes()).isEqualTo(60L * MEBIBYTE);

    for (Path pack : below("data")) {
      if (Files.size(pack) > MEBIBYTE) {
        flip(pack, Files.size(pack) / 2);
      }
    }
    assertThatThrownBy(() -> engine.verifyAll(snapshot, ProgressListener.NONE))
        .hasMessageContaining("restic repair packs")
        .extracting(e -> ((BackupException) e).reason())
        .isEqualTo(BackupReason.NOT_VERIFIED);
  }

  /** Earlier versions recorded no digest of large files. */
  @Test
  @Timeout(120)
  void aBackupThatPromisesNoComparisonIsReadCompletely() throws Exception {
    write("large", 20 * MEBIBYTE);
    Path tree = Files.createDirectory(folder.resolve("tree"));
    Files.move(files, tree.resolve("data"));
    BackupManifest old =
        new BackupManifest(
            1,
            "probe",
            "",
            "",
            "",
            "",
            "",
            new TreeMap<>(),
            "",
            Instant.EPOCH,
            0,
            1,
            20 * MEBIBYTE,
            0,
            List.of(),
            List.of(),
            List.of());
    Files.write(tree.resolve(BackupManifest.FILE), old.json());
    engine.open();
    try (PendingBackup pending =
        repository.begin(
            tree, folder.resolve("gate"), List.of("appspace:probe"), ProgressListener.NONE)) {
      pending.store();
    }
    assertThat(verify().bytes()).isEqualTo(20L * MEBIBYTE);
    for (Path pack : below("data")) {
      if (Files.size(pack) > MEBIBYTE) {
        flip(pack, Files.size(pack) / 2);
      }
    }
    assertThatThrownBy(this::verify).isInstanceOf(BackupException.class);
  }

  @Test
  @Timeout(300)
  void damageAtTwelveRandomPositionsIsFoundWithinOneRotation() throws Exception {
    assertDamageIsFound(12);
  }

  @Test
  @Tag("long")
  @Timeout(3600)
  void damageAtTwoHundredRandomPositionsIsFoundWithinOneRotation() throws Exception {
    assertDamageIsFound(200);
  }

  private void assertDamageIsFound(int positions) throws Exception {
    for (int i = 0; i < 4; i++) {
      write("file-" + i, 9 * MEBIBYTE);
      shell("mkdir -p d" + i + "; echo " + i + " > d" + i + "/small");
      backUp();
    }
    for (int part = 1; part <= ResticRepository.PARTS; part++) {
      repository.checkPart(part);
    }
    List<List<Path>> kinds =
        List.of(below("data"), below("data"), below("index"), below("snapshots"));
    List<String> missed = new ArrayList<>();
    for (int i = 0; i < positions; i++) {
      List<Path> kind = kinds.get(i % kinds.size());
      Path file = kind.get(random.nextInt(kind.size()));
      long position = random.nextLong(Files.size(file));
      flip(file, position);
      if (!isFoundWithinOneRotation(file)) {
        missed.add(file + " at " + position);
      }
      flip(file, position);
    }
    assertThat(missed).isEmpty();
    System.out.println("found damage at " + positions + " of " + positions + " positions");
  }

  /** Begins with the part that contains the file, so that the rotation is usually short. */
  private boolean isFoundWithinOneRotation(Path file) {
    int first = Integer.parseInt(file.getFileName().toString().substring(0, 2), 16);
    for (int i = 0; i < ResticRepository.PARTS; i++) {
      int part = (first + i) % ResticRepository.PARTS + 1;
      if (isDamage(() -> repository.checkPart(part))) {
        return true;
      }
    }
    return false;
  }

  private static boolean isDamage(ThrowingCallable check) {
    try {
      check.call();
      return false;
    } catch (BackupException e) {
      return e.reason() == BackupReason.REPOSITORY_DAMAGED;
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  private List<Path> below(String kind) throws IOException {
    try (var found = Files.walk(folders.repository().resolve(kind))) {
      return found.filter(Files::isRegularFile).sorted().toList();
    }
  }

  private static void flip(Path file, long position) throws IOException {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    try (RandomAccessFile opened = new RandomAccessFile(file.toFile(), "rw")) {
      opened.seek(position);
      int old = opened.read();
      opened.seek(position);
      opened.write(old ^ 0x10);
    }
  }
}
