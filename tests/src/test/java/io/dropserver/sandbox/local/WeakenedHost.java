package io.dropserver.sandbox.local;

import io.dropserver.egress.gateway.AllowedPrivateRanges;
import io.dropserver.egress.gateway.EgressApprovals;
import io.dropserver.egress.gateway.EgressGateway;
import io.dropserver.egress.gateway.EgressLimits;
import io.dropserver.egress.gateway.HostApi;
import io.dropserver.egress.gateway.OwnNames;
import io.dropserver.egress.gateway.PeerAppspaces;
import io.dropserver.egress.gateway.Resolver;
import io.dropserver.egress.gateway.Secrets;
import io.dropserver.sandbox.deno.DenoLayer;
import io.dropserver.sandbox.log.LogRegistry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;

/** Creates hosts with disabled inner layers, as if each had a zero-day vulnerability. */
public final class WeakenedHost {
  private static final short RETURN = 0x06;
  private static final int ALLOW = 0x7fff0000;

  private WeakenedHost() {}

  /**
   * @param hostApi what the host offers to the apps
   */
  public static LocalSandboxHost open(
      LocalHostSettings settings, boolean deno, boolean seccomp, HostApi hostApi)
      throws IOException {
    LocalSandboxHost host =
        LocalSandboxHost.open(
            settings,
            new LogRegistry(Clock.systemUTC()),
            gateway(hostApi),
            deno ? DenoLayer.ON : DenoLayer.OFF);
    if (!seccomp) {
      Path filter = settings.runFolder().resolve("seccomp.bpf");
      // A single classic BPF instruction that allows every system call, seccomp(2).
      ByteBuffer program = ByteBuffer.allocate(8).order(ByteOrder.nativeOrder());
      program.putShort(RETURN).put((byte) 0).put((byte) 0).putInt(ALLOW);
      Files.write(filter, program.array());
    }
    return host;
  }

  /** Returns a gateway that reaches nothing but the host API. */
  private static EgressGateway gateway(HostApi hostApi) {
    return new EgressGateway(
        new EgressGateway.GatewayDependencies(
            Resolver.SYSTEM,
            OwnNames.NONE,
            EgressApprovals.DISCARDING,
            Secrets.NONE,
            PeerAppspaces.NONE,
            hostApi,
            Clock.systemUTC()),
        AllowedPrivateRanges.NONE,
        List.of(),
        EgressLimits.DEFAULT);
  }
}
