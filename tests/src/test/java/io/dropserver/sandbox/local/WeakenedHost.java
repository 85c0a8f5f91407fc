package io.dropserver.sandbox.local;

import io.dropserver.sandbox.deno.DenoLayer;
import io.dropserver.sandbox.egress.gateway.EgressGateway;
import io.dropserver.sandbox.log.LogRegistry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;

/** Creates hosts with disabled inner layers, as if each had a zero-day vulnerability. */
public final class WeakenedHost {
  private static final short RETURN = 0x06;
  private static final int ALLOW = 0x7fff0000;

  private WeakenedHost() {}

  public static LocalSandboxHost open(LocalHostSettings settings, boolean deno, boolean seccomp)
      throws IOException {
    LocalSandboxHost host =
        LocalSandboxHost.open(
            settings,
            new LogRegistry(Clock.systemUTC()),
            EgressGateway.closed(Clock.systemUTC()),
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
}
