package io.dropserver.web.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.web.tls.Pebble;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChallengeRecordsTest {
  @TempDir private Path folder;

  /**
   * Keeps the records of the provider, a line each, in a file. It refuses a further record if the
   * file {@code full} exists, and a removal if {@code locked} does.
   */
  private UpdateProgram provider() throws Exception {
    Path hook =
        Files.writeString(
            folder.resolve("hook"),
            """
            #!/bin/sh
            set -eu
            cd "$1" && touch present
            case $2 in
              add) [ ! -e full ] || [ ! -s present ]; printf '%s\n' "$3 $4" >>present ;;
              remove) [ ! -e locked ]; grep -vxF -- "$3 $4" present >rest || true; mv rest present ;;
            esac
            """);
    assertThat(hook.toFile().setExecutable(true)).isTrue();
    return new UpdateProgram(List.of(hook.toString(), folder.toString()), UpdateProgram.TIMEOUT);
  }

  private List<String> present() throws IOException {
    return Files.readAllLines(folder.resolve("present"));
  }

  /** No name server serves the records, so that each publication fails after it was added. */
  private ChallengeRecords records() throws Exception {
    InetSocketAddress closed = InetSocketAddress.createUnresolved("127.0.0.1", Pebble.freePort());
    return new ChallengeRecords(
        provider(), new Propagation(List.of(closed), Duration.ZERO), folder);
  }

  private static TxtRecord txt(int number) {
    return new TxtRecord("_acme-challenge.home.example.org", "value with spaces " + number);
  }

  private static String line(int number) {
    return txt(number).name() + " " + txt(number).value();
  }

  private Path list() {
    return folder.resolve("dns-01.records");
  }

  @Test
  void recordsOfAFailedPublicationAreListedAndRemovedByAnotherProcess() throws Exception {
    Files.createFile(folder.resolve("full"));
    ChallengeRecords first = records();
    assertThatThrownBy(() -> first.publish(List.of(txt(1), txt(2))))
        .isInstanceOf(DnsException.class);
    assertThat(present()).containsExactly(line(1));
    assertThat(list()).isRegularFile();

    assertThat(records().removeAll()).isEmpty();
    assertThat(present()).isEmpty();
    assertThat(list()).doesNotExist();
    assertThat(records().removeAll()).isEmpty();
  }

  @Test
  void recordsThatCannotBeRemovedAreBounded() throws Exception {
    Path locked = Files.createFile(folder.resolve("locked"));
    ChallengeRecords records = records();
    for (int i = 0; i < 30; i++) {
      TxtRecord next = txt(i);
      assertThatThrownBy(() -> records.publish(List.of(next))).isInstanceOf(DnsException.class);
      assertThat(records.removeAll().orElseThrow())
          .contains(
              "_acme-challenge.home.example.org",
              "could not be removed: ",
              "ended with exit code 1");
    }
    assertThat(Files.readAllLines(list())).hasSize(20).last().asString().contains(txt(29).value());

    Files.delete(locked);
    assertThat(records.removeAll()).isEmpty();
    assertThat(present()).hasSize(10);
    assertThat(list()).doesNotExist();
  }

  @Test
  void aBrokenListIsNotAnEndlessFailure() throws Exception {
    String broken = "\nnonsense\n\u0000\nx \u00ff" + "y".repeat(300);
    Files.writeString(list(), broken, StandardCharsets.ISO_8859_1);
    assertThat(records().removeAll()).isEmpty();
    assertThatThrownBy(() -> records().publish(List.of(txt(1)))).isInstanceOf(DnsException.class);
    assertThat(records().removeAll()).isEmpty();
    assertThat(present()).isEmpty();
  }
}
