package io.dropserver.web.push;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class VapidKeyTest {
  private static final Instant NOW = Instant.parse("2026-11-30T12:00:00Z");
  private static final URI ENDPOINT = URI.create("https://push.example.net:8443/secret?id=1");

  @TempDir private Path folder;

  /** RFC 8292, section 2.4: the check that the other tests rely on accepts its example. */
  @Test
  void theExampleOfTheStandardIsAccepted() throws GeneralSecurityException {
    String key =
        "BA1Hxzyi1RUM1b5wjxsn7nGxAszw2u61m164i3MrAIxHF6YK5h4SDYic-dRuU_RCPCfA5aq9ojSwk5Y2EmClBPs";
    String example =
        "vapid"
            + " t=eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9.eyJhdWQiOiJodHRwczovL3B1c2guZXhhbXBsZS5uZXQiLCJleHAiOjE0NTM1MjM3NjgsInN1YiI6Im1haWx0bzpwdXNoQGV4YW1wbGUuY29tIn0.i3CYb7t4xfxCDquptFOepC9GAu_HLGkMlMuCGSK2rpiUfnK9ojFwDXb1JrErtmysazNjjvW2L9OkSSHzvoD1oA,"
            + " k="
            + key;
    Instant then = Instant.ofEpochSecond(1_453_523_768 - 3600);
    JsonNode claims = ReceivingBrowser.verify(example, key, "https://push.example.net", then);
    assertThat(claims.path("sub").asString()).isEqualTo("mailto:push@example.com");
    assertThatThrownBy(
            () ->
                ReceivingBrowser.verify(
                    example.replace(".i3CY", ".j3CY"), key, "https://push.example.net", then))
        .isInstanceOf(GeneralSecurityException.class);
  }

  @Test
  void aPushServiceAcceptsTheHeaderAndItDoesNotContainTheEndpoint() throws Exception {
    VapidKey key = VapidKey.open(folder.resolve("push.key"));
    String header = key.authorization(ENDPOINT, "https://home.test", NOW);
    JsonNode claims =
        ReceivingBrowser.verify(header, key.publicKey(), "https://push.example.net:8443", NOW);
    assertThat(claims.path("sub").asString()).isEqualTo("https://home.test");
    assertThat(claims.toString()).doesNotContain("secret");
  }

  @Test
  void theKeyIsKeptAndOnlyTheServerReadsIt() throws Exception {
    Path file = folder.resolve("push.key");
    String first = VapidKey.open(file).publicKey();
    assertThat(VapidKey.open(file).publicKey()).isEqualTo(first);
    assertThat(Files.getPosixFilePermissions(file).toString())
        .contains("OWNER_READ")
        .doesNotContain("GROUP", "OTHERS");
    Files.write(file, new byte[97]);
    assertThatThrownBy(() -> VapidKey.open(file)).hasMessageContaining("restore it from a backup");
    Files.write(file, new byte[3]);
    assertThatThrownBy(() -> VapidKey.open(file)).hasMessageContaining("restore it from a backup");
  }
}
