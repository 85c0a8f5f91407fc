package io.dropserver.web.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.web.tls.Pebble;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Dynamic updates of Debian's Knot DNS. */
@SuppressWarnings("NullAway.Init") // set before all tests
@Tag("slow")
class DynamicUpdateClientTest {
  @TempDir private static Path folder;
  private static Knot knot;

  @BeforeAll
  static void startKnot() throws Exception {
    knot = Knot.start(folder.resolve("knot"), Pebble.freePort());
  }

  @AfterAll
  static void stopKnot() {
    knot.close();
  }

  private static DynamicUpdateClient client(String key, String secret) throws Exception {
    return new DynamicUpdateClient(knot.address(), knot.keyFile(key, secret));
  }

  @Test
  void onlyTheRecordWithTheValueIsRemoved() throws Exception {
    DynamicUpdateClient client = client("dropserver", Knot.SECRET);
    knot.addText("_acme-challenge.home", "of-another-program");
    TxtRecord own = new TxtRecord(Knot.CHALLENGE, "own value $(x)");
    client.add(own);
    client.add(own);
    assertThat(knot.texts(Knot.CHALLENGE)).containsExactly("of-another-program", own.value());

    client.remove(own);
    client.remove(own);
    assertThat(knot.texts(Knot.CHALLENGE)).containsExactly("of-another-program");
  }

  @Test
  void anUnknownKeyAndAWrongSecretAreNamedWithTheirFile() throws Exception {
    TxtRecord added = new TxtRecord(Knot.CHALLENGE, "x");
    assertThatThrownBy(() -> client("stranger", Knot.SECRET).add(added))
        .isInstanceOf(DnsException.class)
        .hasMessageContainingAll(
            NameServers.display(knot.address()),
            "does not accept the TSIG key stranger",
            "tsig.key",
            "acme.dns01.rfc2136.keyFile");
    assertThatThrownBy(() -> client("dropserver", "A" + Knot.SECRET.substring(1)).add(added))
        .isInstanceOf(DnsException.class)
        .hasMessageContainingAll("another secret for the TSIG key dropserver", "tsig.key");
  }

  @Test
  void aRefusedUpdateNamesRecordZoneAndKey() throws Exception {
    assertThatThrownBy(
            () ->
                client("dropserver", Knot.SECRET)
                    .add(new TxtRecord("_acme-challenge.other.example.org", "x")))
        .isInstanceOf(DnsException.class)
        .hasMessageContainingAll(
            "refuses to update",
            "_acme-challenge.other.example.org",
            "zone example.org",
            "permit it there for the TSIG key dropserver");
  }

  @Test
  void aMissingZoneAndASilentServerAreNamed() throws Exception {
    assertThatThrownBy(
            () ->
                client("dropserver", Knot.SECRET)
                    .add(new TxtRecord("_acme-challenge.example.com", "x")))
        .isInstanceOf(DnsException.class)
        .hasMessageContainingAll("no zone that contains _acme-challenge.example.com", "REFUSED");
    InetSocketAddress closed = InetSocketAddress.createUnresolved("127.0.0.1", Pebble.freePort());
    Path key = knot.keyFile("dropserver", Knot.SECRET);
    assertThatThrownBy(() -> new DynamicUpdateClient(closed, key).check())
        .isInstanceOf(DnsException.class)
        .hasMessageContainingAll("does not respond", "acme.dns01.rfc2136.server");
  }

  @Test
  void keysAreReadInTheFormsOfKnotAndOfBind() throws Exception {
    for (String text :
        new String[] {
          "hmac-sha256:dropserver:" + Knot.SECRET,
          "# hmac-sha256:dropserver:%s\nkey:\n  - id: dropserver\n".formatted(Knot.SECRET),
          "key \"dropserver\" {\n\talgorithm hmac-sha256;\n\tsecret \"%s\";\n};\n"
              .formatted(Knot.SECRET)
        }) {
      TsigKey key = TsigKey.read(Files.writeString(folder.resolve("key"), text));
      assertThat(key.displayName()).isEqualTo("dropserver");
      assertThat(key.toString()).doesNotContain(Knot.SECRET);
    }
    for (String text : new String[] {"", Knot.SECRET, "key {};", "hmac-sha256:x:%%%"}) {
      Path file = Files.writeString(folder.resolve("key"), text);
      assertThatThrownBy(() -> TsigKey.read(file))
          .isInstanceOf(DnsException.class)
          .hasMessageContainingAll(file.toString(), "acme.dns01.rfc2136.keyFile", "tsig-keygen");
    }
    Path weak = Files.writeString(folder.resolve("key"), "hmac-md5:x:" + Knot.SECRET);
    assertThatThrownBy(() -> TsigKey.read(weak)).hasMessageContaining("hmac-md5; use one of");
  }
}
