package io.dropserver.reconciler.server;

import io.dropserver.sandbox.SandboxHost.Layer;
import io.dropserver.sandbox.egress.gateway.EgressGateway;
import io.dropserver.sandbox.local.LocalSandboxHost;
import io.dropserver.sandbox.log.LogRegistry;
import io.dropserver.sandbox.storage.Storage;
import io.dropserver.sandbox.storage.VolumeHost;
import io.dropserver.schema.host.HostConfig.SandboxSettings;
import io.dropserver.schema.state.AtomicFiles;
import io.dropserver.schema.state.StateFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;

/**
 * Determines which isolation layers this machine supports. Uses the same checks as a server, but
 * needs no running server.
 */
public final class IsolationTrial {
  private IsolationTrial() {}

  /**
   * Starts a sandbox in a temporary folder and deletes the folder afterwards.
   *
   * @param install the installation folder of this program
   * @throws io.dropserver.sandbox.SandboxException when no sandbox can be started; the message
   *     contains the remedy
   */
  public static List<Layer> layers(SandboxSettings settings, Path install) throws IOException {
    Path folder = Files.createTempDirectory("dropserver-doctor");
    try {
      StateFolder state = new StateFolder(folder);
      state.create();
      Clock clock = Clock.systemUTC();
      SandboxModule part = new SandboxModule(settings, state, install, clock);
      try (EgressGateway egress = EgressGateway.closed(clock);
          LocalSandboxHost host = part.open(new LogRegistry(clock), egress);
          Storage storage = part.storage()) {
        return new VolumeHost(host, storage, spec -> {}, part.allowWeaker()).layers();
      }
    } finally {
      AtomicFiles.deleteTree(folder);
    }
  }

  /** Returns whether each appspace gets its own host user, which requires root. */
  public static boolean isSystemProfile() throws IOException {
    return Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
  }
}
