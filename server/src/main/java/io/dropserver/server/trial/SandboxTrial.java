package io.dropserver.server.trial;

import io.dropserver.egress.gateway.EgressGateway;
import io.dropserver.sandbox.SandboxHost.Layer;
import io.dropserver.sandbox.app.AppStore;
import io.dropserver.sandbox.app.InstallSettings;
import io.dropserver.sandbox.local.LocalSandboxHost;
import io.dropserver.sandbox.log.LogRegistry;
import io.dropserver.schema.host.HostConfig.SandboxSettings;
import io.dropserver.server.SandboxModule;
import io.dropserver.server.TemporaryFolder;
import io.dropserver.state.StateFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.stream.Stream;

/** A sandbox host without egress that is open only for some work in a temporary folder. */
record SandboxTrial(SandboxModule module, LocalSandboxHost host) {

  /** Work with a sandbox host. */
  @FunctionalInterface
  interface Work<T> {
    T run(SandboxTrial trial) throws IOException;
  }

  /**
   * Opens a sandbox host in a temporary folder, and deletes the folder at the end.
   *
   * @param inSession whether the command runs in a person's session, see {@link SandboxModule#open}
   */
  static <T> T run(SandboxSettings settings, Path install, boolean inSession, Work<T> work)
      throws IOException {
    try (TemporaryFolder temporary = TemporaryFolder.create("dropserver-trial")) {
      StateFolder folder = new StateFolder(temporary.path());
      folder.create();
      SandboxModule module = new SandboxModule(settings, folder, install, Clock.systemUTC());
      try (EgressGateway egress = EgressGateway.closed(module.clock());
          LocalSandboxHost host = module.open(new LogRegistry(module.clock()), egress, inSession)) {
        return work.run(new SandboxTrial(module, host));
      }
    }
  }

  /** Requires every layer of isolation that the settings do not permit to be missing. */
  void requireIsolation() {
    for (Layer layer : host.layers()) {
      if (!layer.present() && !mayBeMissing(layer)) {
        throw layer.missing();
      }
    }
  }

  AppStore store() {
    return module.store(host);
  }

  InstallSettings installSettings() {
    return module.installSettings(host);
  }

  /** Returns the temporary folder. */
  Path folder() {
    return module.folder().root();
  }

  private boolean mayBeMissing(Layer layer) {
    return module.allowWeaker().contains(layer.name())
        || (layer.name().equals("cgroup") && module.settings().cgroupParent().isEmpty());
  }

  /** Returns the size of all files in a folder. */
  static long size(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
    }
  }
}
