package io.dropserver.reconciler.update;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.reconciler.source.GitSettings;
import io.dropserver.reconciler.source.GitSource;
import io.dropserver.reconciler.source.PushStyle;
import io.dropserver.reconciler.source.RemoteAccess;
import io.dropserver.reconciler.source.TestSettings;
import io.dropserver.reconciler.source.WriteRemote;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UpdateBranchesTest {
  private static final Clock CLOCK = Clock.systemUTC();

  @TempDir private Path folder;

  /** Otherwise, a protected branch would hide all new versions of an app. */
  @Test
  void aMergeThatTheRemoteRefusesLeavesTheOfferToAPerson() {
    GitSettings settings =
        TestSettings.of(folder.resolve("missing.git").toString(), "main", folder.resolve("copy"));
    try (GitSource source = new GitSource(settings, CLOCK);
        WriteRemote remote =
            new WriteRemote(
                source,
                settings,
                RemoteAccess.anonymous(),
                PushStyle.BRANCHES,
                Optional.empty(),
                CLOCK)) {
      UpdateBranches branches = new UpdateBranches(remote, Optional.empty(), CLOCK);
      assertThat(branches.merge("1".repeat(40), "2".repeat(40)))
          .hasValueSatisfying(why -> assertThat(why).contains("missing.git"));
    }
  }
}
