package io.dropserver.sandbox.isolation;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class LaunchCommandTest {
  @Test
  void anArgumentCannotBeginAnotherWord() {
    assertThatThrownBy(() -> new LaunchCommand(List.of("deno", "a\n--dev-bind"), List.of()))
        .hasMessageContaining("line feed");
  }

  @Test
  void aVariableCannotAddAnOption() {
    String value = "x\0--bind\0/\0/host";
    assertThatThrownBy(
            () -> new LaunchCommand(List.of("deno"), List.of("--setenv", "GREETING", value)))
        .hasMessageContaining("NUL character");
  }
}
