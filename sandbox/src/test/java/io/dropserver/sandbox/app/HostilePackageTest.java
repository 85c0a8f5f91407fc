package io.dropserver.sandbox.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.sandbox.SandboxException;
import io.dropserver.state.condition.AppReason;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostilePackageTest {
  private static final AppSizeLimits BOUNDS = new AppSizeLimits(50, 2 << 20, 3 << 20, 300, 8);

  @TempDir Path folder;
  private Path target;

  @BeforeEach
  void createTarget() throws IOException {
    target = Files.createDirectory(folder.resolve("target"));
  }

  @Test
  void anOrdinaryPackageIsUnpackedWithItsFolders() throws IOException {
    byte[] bytes =
        PackageBuilder.empty()
            .entry("./", '5', "", new byte[0])
            .file("./dropapp.json", "{}")
            .entry("./lib/", '5', "", new byte[0])
            .file("./lib/größe.ts", "export {};")
            .bytes();
    unpack(bytes);
    assertThat(target.resolve("dropapp.json")).hasContent("{}");
    assertThat(target.resolve("lib/größe.ts")).hasContent("export {};");
  }

  @Test
  void archivesWrittenByTarAreUnpacked() throws Exception {
    Path source = Files.createDirectories(folder.resolve("source/" + "d".repeat(90)));
    Files.writeString(source.resolve("f".repeat(90)), "long");
    Files.writeString(source.resolve("naïve 名.txt"), "x");
    Path file = folder.resolve("package.tgz");
    for (String format : List.of("pax", "gnu")) {
      int status =
          new ProcessBuilder(
                  "tar",
                  "--format=" + format,
                  "-czf",
                  file.toString(),
                  "-C",
                  folder + "/source",
                  ".")
              .start()
              .waitFor();
      assertThat(status).isZero();
      target = Files.createDirectory(folder.resolve(format));
      unpack(Files.readAllBytes(file));
      Path folders = target.resolve("d".repeat(90));
      assertThat(folders.resolve("f".repeat(90))).hasContent("long");
      assertThat(folders.resolve("naïve 名.txt")).hasContent("x");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../evil",
        "a/../../evil",
        "/etc/evil",
        "//evil",
        "././evil",
        "a//b",
        "a/./b",
        "..\\evil",
        "C:\\evil",
        "a\nb",
        "a\u001B[31mb",
        "a\u202Etxt.exe",
        "a\u2028b",
        "a/..",
        "1/2/3/4/5/6/7/8/9/f"
      })
  void aPathThatPointsOutsideOrDeceivesIsRefused(String name) {
    refused(PackageBuilder.empty().file(name, "x").bytes());
  }

  @Test
  void aPathInAPaxRecordIsCheckedLikeAnyOther() {
    refused(PackageBuilder.empty().pax('x', Map.of("path", "../evil")).file("ok", "x").bytes());
    refused(
        PackageBuilder.empty().pax('g', Map.of("path", "a/../../evil")).file("ok", "x").bytes());
    refused(PackageBuilder.empty().pax('x', Map.of("path", "a\0b")).file("ok", "x").bytes());
  }

  @Test
  void aPaxRecordCannotTurnAFileIntoALinkOrASparseFile() {
    refused(
        PackageBuilder.empty()
            .pax(
                'x',
                Map.of(
                    "GNU.sparse.major",
                    "1",
                    "GNU.sparse.minor",
                    "0",
                    "GNU.sparse.realsize",
                    "99999999999"))
            .file("ok", "x")
            .bytes());
    refused(PackageBuilder.empty().pax('x', Map.of("size", "-1")).file("ok", "x").bytes());
    refused(PackageBuilder.empty().pax('x', Map.of("size", "99999999999")).file("ok", "x").bytes());
  }

  @Test
  void invalidUtf8InANameIsRefused() {
    byte[] name = {'a', (byte) 0xC3, (byte) 0x28};
    refused(PackageBuilder.empty().raw(name, '0', "", new byte[0]).bytes());
    byte[] surrogate = {'a', (byte) 0xED, (byte) 0xA0, (byte) 0x80};
    refused(PackageBuilder.empty().raw(surrogate, '0', "", new byte[0]).bytes());
  }

  @ParameterizedTest
  @ValueSource(chars = {'1', '2', '3', '4', '6', '7', 'S', 'V', 'M', 'D', 'Z', '9'})
  void anEntryThatIsNotARegularFileIsRefused(char type) {
    refused(PackageBuilder.empty().entry("link", type, "/etc/passwd", new byte[0]).bytes());
    assertThat(target).isEmptyDirectory();
  }

  @Test
  void aFileBelowALinkOrAFileIsRefused() {
    refused(PackageBuilder.empty().file("a", "x").file("a/b", "x").bytes());
    target = folder.resolve("target2");
    assertThat(target.toFile().mkdir()).isTrue();
    refused(PackageBuilder.empty().file("a/b", "x").file("a", "x").bytes());
  }

  @ParameterizedTest
  @ValueSource(strings = {"Main.ts", "MAIN.TS", "main.ts", "ｍain.ts"})
  void aSecondFileOfTheSameNameInAnySpellingIsRefused(String second) {
    refused(PackageBuilder.empty().file("main.ts", "good").file(second, "evil").bytes());
  }

  @Test
  void foldersThatDifferOnlyInCaseAreRefused() {
    refused(PackageBuilder.empty().file("lib/a", "x").file("LIB/b", "x").bytes());
  }

  @Test
  void tooManyFilesAreRefused() {
    PackageBuilder many = PackageBuilder.empty();
    for (int i = 0; i <= BOUNDS.files(); i++) {
      many.file("f" + i, "");
    }
    refused(many.bytes());
  }

  @Test
  void aFileOrASumThatIsTooLargeIsRefused() {
    byte[] noise = new byte[(2 << 20) + 1];
    new Random(1).nextBytes(noise);
    refused(PackageBuilder.empty().entry("one", '0', "", noise).bytes());
    byte[] part = Arrays.copyOf(noise, 1_700_000);
    refused(
        PackageBuilder.empty().entry("two", '0', "", part).entry("three", '0', "", part).bytes());
  }

  @Test
  void aBombIsRefusedByItsRatio() {
    byte[] zeros = new byte[1 << 20];
    PackageBuilder bomb = PackageBuilder.empty();
    for (int i = 0; i < 40; i++) {
      bomb.entry("f" + i, '0', "", zeros);
    }
    assertThatThrownBy(() -> unpack(bomb.bytes(), AppSizeLimits.DEFAULT))
        .isInstanceOf(SandboxException.class)
        .hasMessageContaining("times its size");
  }

  @ParameterizedTest
  @ValueSource(chars = {'x', 'g', 'L', 'K'})
  void anOversizedHeaderIsRefusedBeforeItIsKeptInMemory(char type) {
    byte[] header = new byte[3 << 20];
    Arrays.fill(header, (byte) 'a');
    refused(PackageBuilder.empty().entry("h", type, "", header).file("ok", "x").bytes());
  }

  @Test
  void aTruncatedPackageIsRefused() {
    byte[] noise = new byte[100_000];
    new Random(2).nextBytes(noise);
    byte[] whole = PackageBuilder.empty().entry("a", '0', "", noise).bytes();
    for (int length : List.of(0, 5, 12, 1000, whole.length / 2, whole.length - 1)) {
      refused(Arrays.copyOf(whole, length));
      target = folder.resolve("truncated" + length);
      assertThat(target.toFile().mkdir()).isTrue();
    }
  }

  @Test
  void dataAfterTheEndIsRefused() {
    byte[] whole = PackageBuilder.empty().file("a", "x").bytes();
    refused(concat(whole, "trailing".getBytes(StandardCharsets.UTF_8)));
    target = folder.resolve("second");
    assertThat(target.toFile().mkdir()).isTrue();
    byte[] secondArchive =
        concat(
            PackageBuilder.empty().file("a", "x").tar(),
            PackageBuilder.empty().file("b", "y").tar());
    refused(PackageBuilder.gzip(secondArchive));
    target = folder.resolve("third");
    assertThat(target.toFile().mkdir()).isTrue();
    refused(concat(whole, whole));
  }

  @Test
  void aFileThatIsNotAnArchiveIsRefused() {
    refused("hello".getBytes(StandardCharsets.UTF_8));
    refused(PackageBuilder.gzip("hello".getBytes(StandardCharsets.UTF_8)));
    refused(PackageBuilder.empty().bytes());
    byte[] badChecksum = PackageBuilder.empty().file("a", "x").tar();
    badChecksum[0] = 'b';
    refused(PackageBuilder.gzip(badChecksum));
  }

  private void refused(byte[] bytes) {
    assertThatThrownBy(() -> unpack(bytes))
        .isInstanceOfSatisfying(
            SandboxException.class,
            e -> assertThat(e.reason()).isEqualTo(AppReason.PACKAGE_UNSAFE));
    try (Stream<Path> outside = Files.list(folder)) {
      assertThat(outside).allMatch(path -> Files.isDirectory(path));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private void unpack(byte[] bytes) throws IOException {
    unpack(bytes, BOUNDS);
  }

  private void unpack(byte[] bytes, AppSizeLimits bounds) throws IOException {
    PackageArchive.read(
        new ByteArrayInputStream(bytes), bytes.length, new Unpacker(target, bounds));
  }

  private static byte[] concat(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }
}
