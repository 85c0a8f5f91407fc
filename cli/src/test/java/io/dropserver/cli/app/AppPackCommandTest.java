package io.dropserver.cli.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.base.text.Sha256;
import io.dropserver.cli.CommandRun;
import io.dropserver.cli.output.ExitCode;
import io.dropserver.sandbox.app.FileTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class AppPackCommandTest {
  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource(AppNewCommand.Template.class)
  void aNewAppIsPackedWithItsHash(AppNewCommand.Template template) throws IOException {
    Path app = newApp("shared-notes", "--template", template.name());
    assertThat(app.resolve("dropapp.json")).content().contains("\"Shared notes\"");
    assertThat(app.resolve("dropserver.d.ts")).content().contains("DropserverApp");
    assertThat(app.resolve(".gitignore")).content().contains("node_modules/");
    Path target = folder.resolve("app.tar.gz");
    CommandRun run = CommandRun.alone("app", "pack", app.toString(), "-o", target.toString());
    assertThat(run.exitCode()).as(run.err()).isZero();
    String sha256 = HexFormat.of().formatHex(Sha256.newDigest().digest(Files.readAllBytes(target)));
    assertThat(run.out()).contains("sha256 " + sha256, "- version: 1.0.0", "sha256: " + sha256);
    assertThat(files()).containsExactlyInAnyOrder(app, target);
  }

  @Test
  void anEarlierPackageInTheFolderDoesNotChangeTheNext() throws IOException {
    Path app = newApp("notes");
    Files.delete(app.resolve(".gitignore"));
    String target = app.resolve("out.tgz").toString();
    String first = CommandRun.alone("app", "pack", app.toString(), "-o", target).out();
    assertThat(first).contains("wrote");
    assertThat(CommandRun.alone("app", "pack", app.toString(), "-o", target).out())
        .isEqualTo(first);
  }

  @Test
  void whatGitIgnoresIsLeftOutInsideAndOutsideOfARepository() throws IOException {
    Path app = newApp("notes");
    Path target = folder.resolve("app.tar.gz");
    String clean = CommandRun.alone("app", "pack", app.toString(), "-o", target.toString()).out();
    Files.writeString(app.resolve(".env"), "TOKEN=secret");
    assertThat(CommandRun.alone("app", "pack", app.toString(), "-o", target.toString()).err())
        .contains("warning", ".env");
    Files.writeString(app.resolve(".git/info/exclude"), ".env\n");
    CommandRun inside = CommandRun.alone("app", "pack", app.toString(), "-o", target.toString());
    assertThat(inside.err()).isEmpty();
    assertThat(inside.out()).isEqualTo(clean);

    FileTree.delete(app.resolve(".git"));
    Files.writeString(app.resolve(".gitignore"), ".env\n.gitignore\n");
    CommandRun outside = CommandRun.alone("app", "pack", app.toString(), "-o", target.toString());
    assertThat(outside.exitCode()).as(outside.err()).isZero();
    assertThat(outside.err()).isEmpty();
    assertThat(outside.out()).doesNotContain(".env");
  }

  /** Otherwise, the package would contain all files that .gitignore names. */
  @Test
  void aRepositoryThatGitCannotReadIsRefused() throws IOException {
    Path app = newApp("notes");
    FileTree.delete(app.resolve(".git"));
    Files.writeString(app.resolve(".git"), "gitdir: /nowhere\n");
    Path target = folder.resolve("app.tar.gz");
    CommandRun run = CommandRun.alone("app", "pack", app.toString(), "-o", target.toString());
    assertThat(run.exitCode()).isEqualTo(ExitCode.ERROR);
    assertThat(run.err()).contains("git cannot list", "nowhere");
    assertThat(files()).containsExactly(app);
  }

  /** A stranger's folder can contain links, and Git can ignore them. */
  @Test
  void noFileIsWrittenThroughALinkInTheFolder() throws IOException {
    Path app = newApp("notes");
    Path own = Files.writeString(folder.resolve("own"), "of the user");
    Path target = app.resolve("notes-1.0.0.tar.gz");
    Files.createSymbolicLink(app.resolve("notes-1.0.0.tar.gz.new"), own);
    Files.createSymbolicLink(app.resolve(".dropapp.json.new"), own);
    Files.writeString(app.resolve(".gitignore"), "*.new\n");
    CommandRun run = CommandRun.alone("app", "pack", app.toString(), "-o", target.toString());
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(target).isRegularFile();
    ManifestEgress.add(AppFolder.read(app), "https://api.example.org/", List.of("GET"));
    assertThat(app.resolve("dropapp.json")).isRegularFile().content().contains("api.example.org");
    assertThat(own).hasContent("of the user");
  }

  @ParameterizedTest
  @ValueSource(strings = {".env", "a/.env.local", "x/id_ed25519", "server.PEM", ".npmrc", "a.key"})
  void namesOfCredentialsCauseAWarning(String path) {
    assertThat(SecretFiles.contains(path)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {".env.example", "env.ts", "id_ed25519.pub", "key.ts", "a.pem/b.ts"})
  void otherNamesDoNot(String path) {
    assertThat(SecretFiles.contains(path)).isFalse();
  }

  @Test
  void aWrongManifestIsRefusedAtItsPosition() throws IOException {
    Path app = newApp("notes");
    Files.writeString(app.resolve("dropapp.json"), "{\n  \"name\": 7\n}\n");
    for (String command : List.of("pack", "check")) {
      CommandRun run = CommandRun.alone("app", command, app.toString());
      assertThat(run.exitCode()).isEqualTo(ExitCode.ERROR);
      assertThat(run.err()).contains("dropapp.json:2:11", "version");
    }
  }

  @Test
  void aLinkIsRefusedAndLeavesNoPackage() throws IOException {
    Path app = newApp("notes");
    Files.createSymbolicLink(app.resolve("secret"), Path.of("/etc/passwd"));
    Path target = folder.resolve("app.tar.gz");
    CommandRun run = CommandRun.alone("app", "pack", app.toString(), "-o", target.toString());
    assertThat(run.exitCode()).isEqualTo(ExitCode.ERROR);
    assertThat(run.err()).contains("secret", "link");
    assertThat(files()).containsExactly(app);
  }

  @Test
  void aNameThatIsTakenOrNotANameIsRefused() throws IOException {
    Path app = newApp("notes");
    CommandRun again = CommandRun.alone("app", "new", app.toString());
    assertThat(again.exitCode()).isEqualTo(ExitCode.ERROR);
    assertThat(again.err()).contains("exists");
    CommandRun named = CommandRun.alone("app", "new", folder.resolve("My App").toString());
    assertThat(named.exitCode()).isEqualTo(ExitCode.ERROR);
    assertThat(named.err()).contains("lower case");
    assertThat(files()).containsExactly(app);
  }

  @Tag("slow") // needs OpenSSH
  @Test
  void sshKeygenAcceptsTheSignatureForItsNamespaceOnly() throws Exception {
    Path app = newApp("notes");
    Path key = folder.resolve("key");
    assertThat(ssh("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key.toString())).isZero();
    Path target = folder.resolve("app.tar.gz");
    Path own = Files.writeString(folder.resolve("own"), "of the user");
    Files.createSymbolicLink(folder.resolve("app.tar.gz.sig"), own);
    CommandRun run =
        CommandRun.alone(
            "app", "pack", app.toString(), "-o", target.toString(), "--sign", key.toString());
    assertThat(own).as("not written through a link").hasContent("of the user");
    assertThat(run.exitCode()).as(run.err()).isZero();
    Path signers = folder.resolve("signers");
    Files.writeString(signers, "author " + Files.readString(folder.resolve("key.pub")));
    assertThat(verify(signers, "dropserver-app", target)).isZero();
    assertThat(verify(signers, "git", target)).isNotZero();
    Files.write(target, new byte[] {0}, StandardOpenOption.APPEND);
    assertThat(verify(signers, "dropserver-app", target)).isNotZero();
  }

  @Tag("slow") // needs OpenSSH
  @Test
  void aMissingKeyLeavesNoPackage() throws IOException {
    Path app = newApp("notes");
    Path target = folder.resolve("app.tar.gz");
    String missing = folder.resolve("missing").toString();
    CommandRun run =
        CommandRun.alone("app", "pack", app.toString(), "-o", target.toString(), "--sign", missing);
    assertThat(run.exitCode()).isEqualTo(ExitCode.ERROR);
    assertThat(run.err()).contains("cannot be signed");
    assertThat(files()).containsExactly(app);
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> list = Files.list(folder)) {
      return list.toList();
    }
  }

  private static int verify(Path signers, String namespace, Path target) throws Exception {
    Process process =
        new ProcessBuilder(
                List.of(
                    "ssh-keygen",
                    "-Y",
                    "verify",
                    "-n",
                    namespace,
                    "-f",
                    signers.toString(),
                    "-I",
                    "author",
                    "-s",
                    target + ".sig"))
            .redirectInput(target.toFile())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    return process.waitFor();
  }

  private static int ssh(String... command) throws Exception {
    return new ProcessBuilder(command).start().waitFor();
  }

  private Path newApp(String name, String... options) {
    Path app = folder.resolve(name);
    String[] arguments =
        Stream.concat(Stream.of("app", "new", app.toString()), Stream.of(options))
            .toArray(String[]::new);
    CommandRun run = CommandRun.alone(arguments);
    assertThat(run.exitCode()).as(run.err()).isZero();
    return app;
  }
}
