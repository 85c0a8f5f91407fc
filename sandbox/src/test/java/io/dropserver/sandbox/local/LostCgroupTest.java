package io.dropserver.sandbox.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.egress.gateway.EgressGateway;
import io.dropserver.sandbox.Sandbox.Exit;
import io.dropserver.sandbox.Sandbox.Reason;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.deno.DenoLayer;
import io.dropserver.sandbox.isolation.Cgroup;
import io.dropserver.state.condition.SandboxReason;
import java.lang.reflect.Proxy;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that takes over removes the cgroups of the previous one, which may still read them. */
final class LostCgroupTest {
  @TempDir Path folder;

  @Test
  void waitersForTheEndOfASandboxAreNotifiedEvenIfItsCgroupIsGone() throws Exception {
    SandboxResources sandboxResources =
        new SandboxResources(Files.createDirectory(folder.resolve("s1")));
    sandboxResources.cgroup =
        (Cgroup)
            Proxy.newProxyInstance(
                Cgroup.class.getClassLoader(),
                new Class<?>[] {Cgroup.class},
                (_, method, _) -> {
                  if (method.getName().equals("outOfMemoryKills")) {
                    throw new SandboxException(
                        SandboxReason.ISOLATION_UNAVAILABLE, "cannot read memory");
                  }
                  return null;
                });
    sandboxResources.process = new ProcessBuilder("sleep", "0.2").start();
    EgressGateway gateway = EgressGateway.closed(Clock.systemUTC());
    try (TestHost host = new TestHost(folder, DenoLayer.ON, TestHost.TIMEOUT, gateway)) {
      LocalSandbox sandbox =
          new LocalSandbox(
              host.spec(TestHost.answering("1")),
              sandboxResources.process,
              sandboxResources,
              UnixDomainSocketAddress.of(folder.resolve("app.sock")),
              gateway.account("one"));
      sandbox.watch();
      Exit exit = sandbox.exit().toCompletableFuture().get(60, TimeUnit.SECONDS);
      assertThat(exit.reason()).isEqualTo(Reason.EXITED);
    }
  }
}
