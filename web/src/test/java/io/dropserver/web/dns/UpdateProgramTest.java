package io.dropserver.web.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UpdateProgramTest {
  private static final TxtRecord RECORD = new TxtRecord("_acme-challenge.home.example.org", "v");

  @TempDir private Path folder;

  private UpdateProgram program(String script, String... arguments) throws Exception {
    Path file = Files.writeString(folder.resolve("hook"), "#!/bin/sh\n" + script);
    assertThat(file.toFile().setExecutable(true)).isTrue();
    List<String> command = new ArrayList<>(List.of(file.toString()));
    command.addAll(List.of(arguments));
    return new UpdateProgram(command, Duration.ofSeconds(3));
  }

  @Test
  void argumentsReachTheProgramUnchangedAndTheEnvironmentIsClean() throws Exception {
    String value = "-e $(touch %s/pwned) `id` ; ' \" \\ *".formatted(folder);
    program(
            "printf '%%s\\n' \"$@\" >%s/arguments; env >%s/environment; pwd >>%s/environment"
                .formatted(folder, folder, folder),
            "first $HOME")
        .add(new TxtRecord("_acme-challenge.home.example.org", value));
    assertThat(folder.resolve("arguments"))
        .hasContent("first $HOME\nadd\n_acme-challenge.home.example.org\n" + value);
    assertThat(folder.resolve("pwned")).doesNotExist();
    assertThat(Files.readAllLines(folder.resolve("environment")))
        .allMatch(line -> line.matches("(PATH|LC_ALL|PWD|SHLVL|_|OLDPWD)=.*|/"))
        .contains("/");
  }

  @Test
  void aFailureNamesTheExitCodeAndTheEndOfTheOutput() throws Exception {
    assertThatThrownBy(
            () ->
                program("echo first; printf 'no such \\033[31mzone\\n' >&2; exit 7").remove(RECORD))
        .isInstanceOf(DnsException.class)
        .hasMessageContainingAll(
            "/hook (acme.dns01.command) ended with exit code 7 after remove",
            RECORD.name(),
            "its output ends with: first / no such ␛[31mzone")
        .hasMessageNotContaining("\u001b");
    assertThatThrownBy(
            () -> new UpdateProgram(List.of("/nowhere/hook"), Duration.ofSeconds(3)).add(RECORD))
        .isInstanceOf(DnsException.class)
        .hasMessageContainingAll("/nowhere/hook (acme.dns01.command) cannot be started");
  }

  @Test
  void aProgramThatHangsIsKilledWithItsChildren() throws Exception {
    assertThatThrownBy(
            () ->
                program("echo waiting; sleep 600 & echo $! >%s/child; wait".formatted(folder))
                    .add(RECORD))
        .isInstanceOf(DnsException.class)
        .hasMessageContainingAll("did not end within 3 s", "waiting");
    long child = Long.parseLong(Files.readString(folder.resolve("child")).strip());
    await().until(() -> ProcessHandle.of(child).filter(ProcessHandle::isAlive).isEmpty());
  }

  @Test
  void aChildThatKeepsTheOutputOpenDelaysNothing() throws Exception {
    program("sleep 600 & echo $! >%s/child; exit 0".formatted(folder)).add(RECORD);
    long child = Long.parseLong(Files.readString(folder.resolve("child")).strip());
    assertThat(ProcessHandle.of(child).orElseThrow().destroyForcibly()).isTrue();
  }

  @Test
  void aProgramThatFloodsItsOutputIsKilled() throws Exception {
    assertThatThrownBy(() -> program("yes overflow").add(RECORD))
        .isInstanceOf(DnsException.class)
        .hasMessageContaining("wrote more than 1 MiB and was killed")
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(1000));
  }
}
