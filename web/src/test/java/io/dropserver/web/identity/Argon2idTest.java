package io.dropserver.web.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class Argon2idTest {
  @Test
  void aHashMatchesItsPasswordAlone() {
    String hash = Argon2id.hash("correct horse");
    assertThat(hash).startsWith("$argon2id$v=19$m=19456,t=2,p=1$");
    assertThat(Argon2id.matches("correct horse", hash)).isTrue();
    assertThat(Argon2id.matches("correct horsf", hash)).isFalse();
    assertThat(Argon2id.hash("correct horse")).isNotEqualTo(hash);
  }

  /** Created with the reference implementation: {@code argon2 somesalt -id -t 2 -m 8}. */
  @Test
  void hashesMatchTheReferenceImplementation() {
    assertThat(
            Argon2id.matches(
                "password",
                "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ"
                    + "$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"))
        .isTrue();
  }

  @Test
  void aRandomValueHasTheFormOfAHashAndIsMatchedByNoPassword() {
    assertThat(Argon2id.matches("correct horse", Argon2id.random())).isFalse();
    assertThat(Argon2id.random().substring(0, 40))
        .startsWith(Argon2id.hash("x").substring(0, "$argon2id$v=19$m=19456,t=2,p=1$".length()));
  }

  @Test
  void anInvalidHashIsRefused() {
    assertThatThrownBy(() -> Argon2id.matches("x", "x"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
