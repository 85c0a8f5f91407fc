package io.dropserver.cli.repository;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.cli.CommandRun;
import io.dropserver.cli.output.ExitCode;
import io.dropserver.schema.instance.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ExplainCommandTest {

  @ParameterizedTest
  @EnumSource(Kind.class)
  void everyKindIsExplainedWithItsFields(Kind kind) {
    CommandRun run = CommandRun.alone("explain", kind.text());
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).contains("<object>", "metadata", "spec", "yes");
  }

  @ParameterizedTest
  @CsvSource({
    "appspace.spec.limits.memory, appspace.spec.limits.memory",
    "appspaces.limits.memory, appspace.spec.limits.memory",
    "appspace.members.permissions, appspace.spec.members.permissions",
    "host-configuration.backup, host-configuration.backup",
    "dropapp.entrypoint, dropapp.entrypoint"
  })
  void aFieldIsFoundThroughReferencesAndArrays(String typed, String path) {
    CommandRun run = CommandRun.alone("explain", typed);
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).startsWith(path + "  <");
    assertThat(run.out().lines().skip(1).findFirst().orElseThrow()).isNotBlank();
  }

  @Test
  void permittedValuesAreListed() {
    assertThat(CommandRun.alone("explain", "appspace.access").out())
        .contains("One of: members, public");
  }

  @Test
  void anUnknownFieldOrKindIsAnsweredWithTheKnownOnes() {
    CommandRun field = CommandRun.alone("explain", "appspace.limits.colour");
    assertThat(field.exitCode()).isEqualTo(ExitCode.ERROR);
    assertThat(field.err()).contains("appspace.spec.limits has no field colour", "memory");
    assertThat(CommandRun.alone("explain", "pod").err()).contains("unknown kind pod", "dropapp");
  }
}
