package io.dropserver.tests.release;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What {@code bin/release} writes. */
@Tag("release")
class ReleaseBuildTest {
  private static Releases releases;

  @TempDir Path folder;

  @BeforeAll
  static void build() throws Exception {
    releases = Releases.built();
  }

  private static Map<String, String> sums(Path release) throws Exception {
    Map<String, String> sums = new TreeMap<>();
    for (String line : Files.readAllLines(release.resolve("SHA256SUMS"))) {
      sums.put(line.substring(66), line.substring(0, 64));
    }
    return sums;
  }

  @Test
  void twoBuildsOfOneCommitAreEqualByteForByte() throws Exception {
    Map<String, String> first = sums(releases.first());
    assertThat(sums(releases.firstAgain())).isEqualTo(first);
    assertThat(first.keySet())
        .containsExactly(
            "dropserver-0.9.0-linux-x86_64.cdx.json",
            "dropserver-0.9.0-linux-x86_64.tar.gz",
            "dropserver-0.9.0-oci-amd64.tar",
            "dropserver_0.9.0_amd64.deb");
  }

  @Test
  void theSumsAreRightAndSignedForThisPurposeOnly() throws Exception {
    Path release = releases.first();
    Programs.run(release, "sha256sum", "--check", "--quiet", "SHA256SUMS");
    Path signers = folder.resolve("signers");
    Files.writeString(signers, "release " + Files.readString(releases.key()));
    assertThat(verify(release.resolve("SHA256SUMS"), signers, "dropserver-release")).isZero();
    assertThat(verify(release.resolve("SHA256SUMS"), signers, "dropserver-app")).isNotZero();
    Path changed = folder.resolve("SHA256SUMS");
    Files.writeString(changed, Files.readString(release.resolve("SHA256SUMS")) + "\n");
    assertThat(verify(changed, signers, "dropserver-release")).isNotZero();
  }

  private static int verify(Path sums, Path signers, String namespace) throws Exception {
    Path signature = releases.first().resolve("SHA256SUMS.sig");
    return new ProcessBuilder(
            "ssh-keygen",
            "-Y",
            "verify",
            "-f",
            signers.toString(),
            "-I",
            "release",
            "-n",
            namespace,
            "-s",
            signature.toString())
        .redirectInput(sums.toFile())
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }

  @Test
  void theTarRunsAndKnowsItsVersionAndCommit() throws Exception {
    Path tree = unpack();
    String version =
        Programs.run(tree, tree.resolve("bin/dropserver").toString(), "version").output();
    String commit =
        Programs.run(releases.checkout(), "git", "rev-parse", "--short=12", "v0.9.0").lastLine();
    assertThat(version).startsWith("dropserver 0.9.0 (commit " + commit + ", built 2");
    assertThat(tree.resolve("CHANGELOG.md"))
        .content()
        .contains("\n## 0.9.0 – ")
        .doesNotContain("\n## Unreleased\n");
    try (Stream<Path> files = Files.list(tree.resolve("lib"))) {
      assertThat(files).as("class caches").noneMatch(file -> file.toString().endsWith(".aot"));
    }
  }

  @Test
  void thePackageHasAManualCompletionsAndAMaintainer() throws Exception {
    Path deb = releases.debianPackage(Releases.FIRST);
    Programs.run(folder, "dpkg-deb", "--extract", deb.toString(), "deb");
    Path share = folder.resolve("deb/usr/share");
    Programs.run(
        folder, "bash", "-n", share.resolve("bash-completion/completions/dropserver").toString());
    assertThat(Programs.run(share, "zcat", "man/man1/dropserver.1.gz").output())
        .startsWith(".TH DROPSERVER 1 ")
        .contains(".SS \"dropserver status\"");
    String control = Programs.run(folder, "dpkg-deb", "--field", deb.toString()).output();
    assertThat(control)
        .contains("openssh-client")
        .contains("\nMaintainer: ")
        .doesNotContain("localhost", "@MAINTAINER@");
  }

  @Test
  void everyJarIsInTheBillOfMaterialsAndHasALicence() throws Exception {
    Path tree = unpack();
    JsonNode bill =
        JsonMapper.shared()
            .readTree(releases.first().resolve("dropserver-0.9.0-linux-x86_64.cdx.json"));
    assertThat(bill.path("bomFormat").asString()).isEqualTo("CycloneDX");
    List<String> components =
        bill.path("components")
            .valueStream()
            .map(c -> c.path("name").asString() + "-" + c.path("version").asString())
            .toList();
    assertThat(components)
        .anyMatch(c -> c.startsWith("deno-"))
        .anyMatch(c -> c.startsWith("openjdk-"));
    String licences = Files.readString(tree.resolve("licences/COMPONENTS.md"));
    try (Stream<Path> jars = Files.list(tree.resolve("lib"))) {
      for (Path jar : (Iterable<Path>) jars::iterator) {
        String name = String.valueOf(jar.getFileName()).replaceAll("[.]jar$", "");
        if (!name.startsWith("dropserver-")) {
          assertThat(components).contains(name);
        }
      }
    }
    for (String row : licences.lines().filter(line -> line.contains("](")).toList()) {
      String text = row.substring(row.indexOf("](") + 2, row.lastIndexOf(')'));
      assertThat(tree.resolve("licences").resolve(text)).as(row).exists();
      assertThat(row).doesNotContain("unknown");
    }
  }

  @Test
  void theImageIsAnOciLayoutWhoseBlobsHaveTheirDigests() throws Exception {
    Programs.run(
        folder,
        "tar",
        "-xf",
        releases.first().resolve("dropserver-0.9.0-oci-amd64.tar").toString());
    Path blobs = folder.resolve("blobs/sha256");
    JsonNode index = JsonMapper.shared().readTree(folder.resolve("index.json"));
    JsonNode manifest = blob(blobs, index.path("manifests").path(0));
    JsonNode config = blob(blobs, manifest.path("config"));
    assertThat(config.path("config").path("Labels").toString()).contains("0.9.0");
    assertThat(manifest.path("layers")).hasSize(2);
    assertThat(config.path("rootfs").path("diff_ids")).hasSize(2);
    for (JsonNode layer : manifest.path("layers")) {
      assertThat(Files.size(file(blobs, layer))).isEqualTo(layer.path("size").asLong());
    }
    try (Stream<Path> files = Files.list(blobs)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        assertThat(Programs.run(blobs, "sha256sum", file.toString()).output())
            .startsWith(String.valueOf(file.getFileName()));
      }
    }
  }

  private static Path file(Path blobs, JsonNode descriptor) {
    return blobs.resolve(descriptor.path("digest").asString().replace("sha256:", ""));
  }

  private static JsonNode blob(Path blobs, JsonNode descriptor) {
    return JsonMapper.shared().readTree(file(blobs, descriptor));
  }

  private Path unpack() throws Exception {
    Programs.run(
        folder,
        "tar",
        "-xzf",
        releases.first().resolve("dropserver-0.9.0-linux-x86_64.tar.gz").toString());
    return folder.resolve("dropserver-0.9.0-linux-x86_64");
  }
}
