package io.dropserver.reconciler;

import io.dropserver.sandbox.SandboxHost.Layer;
import io.dropserver.sandbox.egress.gateway.EgressGateway;
import io.dropserver.sandbox.local.LocalSandboxHost;
import io.dropserver.sandbox.log.LogBook;
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

/** What isolation this machine gives, found out as a server does, but beside any server. */
public final class IsolationTrial {
  private IsolationTrial() {}

  /**
   * Starts a sandbox in a temporary folder and removes all of it.
   *
   * @param install where this program is installed
   * @throws io.dropserver.sandbox.SandboxException when none can be started at all, with the remedy
   */
  public static List<Layer> layers(SandboxSettings settings, Path install) throws IOException {
    Path folder = Files.createTempDirectory("dropserver-doctor");
    try {
      StateFolder state = new StateFolder(folder);
      state.create();
      Clock clock = Clock.systemUTC();
      SandboxPart part = new SandboxPart(settings, state, install, clock);
      try (EgressGateway egress = EgressGateway.closed(clock);
          LocalSandboxHost host = part.open(new LogBook(clock), egress);
          Storage storage = part.storage()) {
        return new VolumeHost(host, storage, spec -> {}, part.allowWeaker()).layers();
      }
    } finally {
      AtomicFiles.deleteTree(folder);
    }
  }

  /** Whether each appspace gets a host user of its own, which takes root. */
  public static boolean isSystemProfile() throws IOException {
    return Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
  }
}
