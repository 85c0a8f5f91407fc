package io.dropserver.cli.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.dropserver.cli.output.CommandException;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.state.condition.AppReason;
import io.dropserver.state.condition.Reason;
import io.dropserver.state.condition.SandboxReason;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AppReportTest {
  @TempDir Path folder;

  @Test
  void allProblemsOfAManifestAreFindingsWithTheirPositions() throws Exception {
    Path file = folder.resolve("dropapp.json");
    Files.writeString(file, "{\"name\": \"Notes\",\n \"version\": 1,\n \"entrypoint\": 2}");
    AppReport report = AppReport.refused(refusal());
    assertThat(report.installable()).isFalse();
    assertThat(report.findings())
        .hasSize(2)
        .allSatisfy(finding -> assertThat(finding.code()).isEqualTo("ManifestInvalid"))
        .extracting(finding -> finding.line().orElseThrow())
        .containsExactly(2, 3);
  }

  @Test
  void aMissingManifestIsAFinding() {
    assertThat(AppReport.refused(refusal()).findings())
        .singleElement()
        .satisfies(finding -> assertThat(finding.remedy()).contains("dropserver app new"));
  }

  @Test
  void theFirstPlaceInDenosOutputIsThePlaceOfTheFinding() {
    String message =
        "it failed\nat ext:core/x.js:9:9\nat file:///app/lib/a.ts:3:7\nat file:///app/b.ts:1:1";
    assertThat(AppReport.refused(refusal(AppReason.SELF_CHECK_FAILED, message)).findings())
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.code()).isEqualTo("SelfCheckFailed");
              assertThat(finding.file()).contains("lib/a.ts");
              assertThat(finding.line()).contains(3);
              assertThat(finding.column()).contains(7);
            });
  }

  @Test
  void aLineNumberThatIsTooLargeIsIgnored() {
    String message = "at file:///app/a.ts:99999999999:1";
    assertThat(AppReport.refused(refusal(AppReason.IMPORT_REFUSED, message)).findings())
        .singleElement()
        .satisfies(finding -> assertThat(finding.file()).isEmpty());
  }

  @Test
  void aProblemOfTheMachineIsNoFindingOfTheApp() {
    CommandException machine = refusal(SandboxReason.CRASHED, "no user namespaces");
    assertThatThrownBy(() -> AppReport.refused(machine)).isSameAs(machine);
  }

  private CommandException refusal() {
    return catchThrowableOfType(CommandException.class, () -> AppFolder.read(folder));
  }

  private static CommandException refusal(Reason reason, String message) {
    return new CommandException(message, "remedy", new SandboxException(reason, message));
  }
}
