package io.dropserver.reconciler.server;

import io.dropserver.reconciler.converge.GitAppVersions;
import io.dropserver.reconciler.source.AppSources;
import io.dropserver.sandbox.app.AppStore;
import io.dropserver.sandbox.egress.gateway.EgressGateway;
import io.dropserver.sandbox.lifecycle.Sandboxes;
import io.dropserver.sandbox.local.LocalSandboxHost;
import io.dropserver.sandbox.log.LogRegistry;
import io.dropserver.sandbox.storage.Storage;
import io.dropserver.sandbox.storage.VolumeHost;
import io.dropserver.sandbox.usage.UsageMonitor;
import io.dropserver.schema.host.HostConfig;
import io.dropserver.schema.state.StateFolder;
import io.dropserver.web.FrontDoor;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.CompletableFuture;

/** Wires everything that installs and runs apps. */
record Engine(
    SandboxModule sandboxModule,
    LogRegistry logs,
    Egress egress,
    VolumeHost host,
    AppStore store,
    GitAppVersions versions,
    Sandboxes sandboxes,
    SandboxEventForwarder events) {

  /**
   * @param domain like the approvals, the secrets and the front door, connected to its source later
   */
  private record Egress(
      EgressGateway gateway,
      EgressModule.DeferredDomain domain,
      EgressModule.DeferredApprovals approvals,
      EgressModule.DeferredSecrets secrets,
      EgressModule.DeferredSiblings siblings) {}

  /** Opening the sandbox host takes a while, so other parts are opened meanwhile. */
  record Begun(
      SandboxModule sandboxModule,
      LogRegistry logs,
      Egress egress,
      CompletableFuture<LocalSandboxHost> opening) {

    Engine finish(
        HostConfig config, StateFolder folder, LocalState disk, OpenResources openResources) {
      egress.secrets().connectTo(disk.secrets());
      LocalSandboxHost local = OpenResources.await(opening);
      Storage storage = openResources.add("storage", sandboxModule.storage());
      VolumeHost host =
          new VolumeHost(
              local,
              storage,
              spec -> disk.data().createFolder(spec.appspace()),
              sandboxModule.allowWeaker());
      AppSources sources =
          new AppSources(
              disk.source(),
              folder.root().resolve("foreign"),
              config.apps().localRepositories(),
              sandboxModule.clock());
      AppStore store = sandboxModule.store(local);
      SandboxEventForwarder events = new SandboxEventForwarder();
      Sandboxes sandboxes =
          openResources.add(
              "sandboxes",
              new Sandboxes(host, sandboxModule.lifecycle(), sandboxModule.clock(), events));
      GitAppVersions versions = new GitAppVersions(sources, store);
      return new Engine(sandboxModule, logs, egress, host, store, versions, sandboxes, events);
    }
  }

  static Begun begin(
      HostConfig config,
      StateFolder folder,
      Path install,
      Clock clock,
      OpenResources openResources) {
    SandboxModule part = new SandboxModule(config.sandbox(), folder, install, clock);
    LogRegistry logs = new LogRegistry(clock);
    EgressModule.DeferredDomain domain = new EgressModule.DeferredDomain();
    EgressModule.DeferredApprovals deferredApprovals = new EgressModule.DeferredApprovals();
    EgressModule.DeferredSecrets secrets = new EgressModule.DeferredSecrets();
    EgressModule.DeferredSiblings deferredSiblings =
        new EgressModule.DeferredSiblings(folder.frontDoorSocket());
    EgressGateway gateway =
        openResources.add(
            "egress gateway",
            new EgressModule(config.egress(), clock)
                .open(domain, deferredApprovals, secrets, deferredSiblings));
    var opening = openResources.openAsync("sandbox host", () -> part.open(logs, gateway));
    return new Begun(
        part,
        logs,
        new Egress(gateway, domain, deferredApprovals, secrets, deferredSiblings),
        opening);
  }

  DeclaredSandboxes declared(UsageMonitor usage) {
    return new DeclaredSandboxes(
        sandboxes, host, usage, logs, egress.gateway(), sandboxModule.sharedUid());
  }

  /** Access to the data of sandboxes, for backups. */
  SandboxData data() {
    return new SandboxData(sandboxes, host);
  }

  /** Lets appspaces reach one another, if their whitelists allow it. */
  void connect(FrontDoor frontDoor) {
    egress.siblings().connectTo(frontDoor);
  }

  /** Connects the reconciler to the events and egress requests of sandboxes. */
  void reportTo(ReconcilerModule reconcilerModule, FrontDoor frontDoor) {
    egress.domain().connectTo(reconcilerModule::domain);
    egress.approvals().connectTo(reconcilerModule.approvals());
    events.connectTo(reconcilerModule.reports(), frontDoor::disconnect);
    host.setWriters(new VolumeFailureHandler(sandboxes, host, reconcilerModule.reports()));
  }
}
