package io.dropserver.reconciler.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.state.StateException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SealingKeyTest {
  @TempDir Path folder;

  private Path file() {
    return folder.resolve("secrets.key");
  }

  @Test
  void sealedValuesOpenOnlyInTheirContextAndAfterARestart() {
    String sealed = new SealingKey(file()).seal("the value", "garden\nowm");
    assertThat(sealed).doesNotContain("value");
    assertThat(Base64.getDecoder().decode(sealed))
        .isNotEqualTo("the value".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    assertThat(new SealingKey(file()).open(sealed, "garden\nowm")).contains("the value");
    assertThat(new SealingKey(file()).open(sealed, "evil\nowm")).isEmpty();
  }

  @Test
  void theSameValueIsSealedDifferentlyEachTime() {
    SealingKey key = new SealingKey(file());
    assertThat(key.seal("same", "a")).isNotEqualTo(key.seal("same", "a"));
  }

  @Test
  void onlyTheServersUserMayReadTheKey() throws Exception {
    new SealingKey(file()).seal("x", "a");
    assertThat(Files.getPosixFilePermissions(file()))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    assertThat(Files.size(file())).isEqualTo(32);
  }

  @Test
  void changedOrForeignTextDoesNotOpen() throws Exception {
    String sealed = new SealingKey(file()).seal("the value", "a");
    byte[] bytes = Base64.getDecoder().decode(sealed);
    bytes[bytes.length - 1] ^= 1;
    SealingKey key = new SealingKey(file());
    assertThat(key.open(Base64.getEncoder().encodeToString(bytes), "a")).isEmpty();
    assertThat(key.open("!", "a")).isEmpty();
    assertThat(key.open("", "a")).isEmpty();
    Files.delete(file());
    assertThat(new SealingKey(file()).open(sealed, "a")).isEmpty();
  }

  @Test
  void aDamagedKeyIsReportedAndNotReplaced() throws Exception {
    Files.writeString(file(), "short");
    assertThatThrownBy(() -> new SealingKey(file()).seal("x", "a"))
        .isInstanceOf(StateException.class)
        .hasMessageContaining("is not a key of 32 bytes");
    assertThat(Files.readString(file())).isEqualTo("short");
  }
}
