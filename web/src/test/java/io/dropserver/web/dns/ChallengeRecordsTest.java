package io.dropserver.web.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.web.tls.Pebble;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChallengeRecordsTest {
  @TempDir private Path folder;
  private final Provider provider = new Provider();

  /** The records of a provider, which may refuse changes. */
  private static final class Provider implements TxtRecords {
    final List<TxtRecord> present = new ArrayList<>();
    boolean refusesToAdd;
    boolean refusesToRemove;

    @Override
    public void add(TxtRecord txtRecord) {
      if (refusesToAdd && !present.isEmpty()) {
        throw new DnsException("refused");
      }
      present.add(txtRecord);
    }

    @Override
    public void remove(TxtRecord txtRecord) {
      if (refusesToRemove) {
        throw new DnsException("refused");
      }
      present.remove(txtRecord);
    }
  }

  /** No name server serves the records, so that each publication fails after it was added. */
  private ChallengeRecords records() throws Exception {
    InetSocketAddress closed = InetSocketAddress.createUnresolved("127.0.0.1", Pebble.freePort());
    return new ChallengeRecords(provider, new Propagation(List.of(closed), Duration.ZERO), folder);
  }

  private static TxtRecord txt(int number) {
    return new TxtRecord("_acme-challenge.home.example.org", "value with spaces " + number);
  }

  private Path list() {
    return folder.resolve("dns-01.records");
  }

  @Test
  void recordsOfAFailedPublicationAreListedAndRemovedByAnotherProcess() throws Exception {
    provider.refusesToAdd = true;
    ChallengeRecords first = records();
    assertThatThrownBy(() -> first.publish(List.of(txt(1), txt(2))))
        .isInstanceOf(DnsException.class);
    assertThat(provider.present).containsExactly(txt(1));
    assertThat(list()).isRegularFile();

    assertThat(records().removeAll()).isEmpty();
    assertThat(provider.present).isEmpty();
    assertThat(list()).doesNotExist();
    assertThat(records().removeAll()).isEmpty();
  }

  @Test
  void recordsThatCannotBeRemovedAreBounded() throws Exception {
    provider.refusesToRemove = true;
    ChallengeRecords records = records();
    for (int i = 0; i < 30; i++) {
      TxtRecord next = txt(i);
      assertThatThrownBy(() -> records.publish(List.of(next))).isInstanceOf(DnsException.class);
      assertThat(records.removeAll().orElseThrow())
          .contains("_acme-challenge.home.example.org", "could not be removed: refused");
    }
    assertThat(Files.readAllLines(list())).hasSize(20).last().asString().contains(txt(29).value());

    provider.refusesToRemove = false;
    assertThat(records.removeAll()).isEmpty();
    assertThat(provider.present).hasSize(10);
    assertThat(list()).doesNotExist();
  }

  @Test
  void aBrokenListIsNotAnEndlessFailure() throws Exception {
    String broken = "\nnonsense\n\u0000\nx \u00ff" + "y".repeat(300);
    Files.writeString(list(), broken, StandardCharsets.ISO_8859_1);
    assertThat(records().removeAll()).isEmpty();
    assertThatThrownBy(() -> records().publish(List.of(txt(1)))).isInstanceOf(DnsException.class);
    assertThat(records().removeAll()).isEmpty();
    assertThat(provider.present).isEmpty();
  }
}
