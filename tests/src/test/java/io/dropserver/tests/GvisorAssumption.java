package io.dropserver.tests;

import io.dropserver.schema.host.HostConfig.SandboxSettings;
import io.dropserver.server.trial.IsolationTrial;
import java.io.IOException;
import org.junit.jupiter.api.Assumptions;

/** The condition of tests of {@code isolation: gvisor}: the check of {@code doctor} passes. */
public final class GvisorAssumption {
  private GvisorAssumption() {}

  /** Aborts the calling test if gVisor cannot start a container on this machine. */
  public static void require() throws IOException {
    IsolationTrial.gvisorProblem(SandboxSettings.DEFAULT, Checkout.root())
        .ifPresent(Assumptions::abort);
  }
}
