package io.dropserver.sandbox.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.egress.gateway.TrustedAuthorities;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.app.InstallSandbox.Limit;
import io.dropserver.sandbox.app.InstallSandbox.Result;
import io.dropserver.schema.instance.DropappManifest;
import io.dropserver.state.condition.AppReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whether a failed run is the fault of the app or of the machine. */
class InstallOutcomeTest {
  @TempDir Path folder;

  private static Result ended(int status) {
    return new Result(status, Optional.empty(), "output");
  }

  private static Result exceeded(Limit limit) {
    return new Result(137, Optional.of(limit), "output");
  }

  private void requireInstalled(Result result, boolean locked) throws IOException {
    Path socket = folder.resolve("registry.sock");
    Files.deleteIfExists(socket);
    try (var gateway = new RegistryGateway(socket, Set.of(), TrustedAuthorities.platformOnly())) {
      InstallOutcome.requireInstalled(result, gateway, locked, "remedy");
    }
  }

  private void requireStarted(Result result) throws IOException {
    Files.writeString(folder.resolve("dropapp.json"), AppStoreTest.MANIFEST);
    Files.writeString(folder.resolve("main.ts"), "");
    DropappManifest manifest = new AppManifest().read(folder);
    InstallOutcome.requireStarted(result, manifest, folder);
  }

  private static void assertReason(AppReason reason, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            SandboxException.class, e -> assertThat(e.reason()).isEqualTo(reason));
  }

  @ParameterizedTest
  @ValueSource(ints = {129, 130, 137, 143})
  void aSignalComesFromTheMachine(int status) {
    assertReason(AppReason.INSTALL_FAILED, () -> requireInstalled(ended(status), true));
    assertReason(AppReason.INSTALL_FAILED, () -> requireStarted(ended(status)));
  }

  @Test
  void aLimitIsTheFaultOfTheAppButABusyMachineCanMakeATrialStartLate() {
    for (Limit limit : Limit.values()) {
      assertReason(
          limit == Limit.TIME ? AppReason.SELF_CHECK_TIMEOUT : AppReason.SELF_CHECK_FAILED,
          () -> requireStarted(exceeded(limit)));
      assertReason(AppReason.IMPORT_REFUSED, () -> requireInstalled(exceeded(limit), false));
    }
    assertReason(AppReason.SELF_CHECK_FAILED, () -> requireStarted(ended(1)));
  }

  @Test
  void packagesThatAreNotFetchedInTimeAreTheFaultOfTheNetwork() {
    assertReason(AppReason.DEPENDENCIES_FAILED, () -> requireInstalled(exceeded(Limit.TIME), true));
    assertReason(AppReason.IMPORT_REFUSED, () -> requireInstalled(exceeded(Limit.BYTES), true));
  }
}
