package io.dropserver.reconciler;

import io.dropserver.reconciler.source.AppSources;
import io.dropserver.sandbox.app.AppStore;
import io.dropserver.sandbox.egress.gateway.EgressGateway;
import io.dropserver.sandbox.lifecycle.Sandboxes;
import io.dropserver.sandbox.local.LocalSandboxHost;
import io.dropserver.sandbox.log.LogBook;
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
    SandboxPart part,
    LogBook logs,
    Egress egress,
    VolumeHost host,
    AppStore store,
    GitAppVersions versions,
    Sandboxes sandboxes,
    ReportedEvents events) {

  /**
   * @param domain like the approvals, the secrets and the front door, connected to its source later
   */
  private record Egress(
      EgressGateway gateway,
      EgressPart.OwnDomain domain,
      EgressPart.Asked asked,
      EgressPart.Kept secrets,
      EgressPart.Inside inside) {}

  /** Opening the sandbox host takes a while, so other parts are opened meanwhile. */
  record Begun(
      SandboxPart part, LogBook logs, Egress egress, CompletableFuture<LocalSandboxHost> opening) {

    Engine finish(HostConfig config, StateFolder folder, OnDisk disk, Parts parts) {
      egress.secrets().are(disk.secrets());
      LocalSandboxHost local = Parts.await(opening);
      Storage storage = parts.add("storage", part.storage());
      VolumeHost host =
          new VolumeHost(
              local, storage, spec -> disk.data().make(spec.appspace()), part.allowWeaker());
      AppSources sources =
          new AppSources(
              disk.source(),
              folder.root().resolve("foreign"),
              config.apps().localRepositories(),
              part.clock());
      AppStore store = part.store(local);
      ReportedEvents events = new ReportedEvents();
      Sandboxes sandboxes =
          parts.add("sandboxes", new Sandboxes(host, part.lifecycle(), part.clock(), events));
      GitAppVersions versions = new GitAppVersions(sources, store);
      return new Engine(part, logs, egress, host, store, versions, sandboxes, events);
    }
  }

  static Begun begin(
      HostConfig config, StateFolder folder, Path install, Clock clock, Parts parts) {
    SandboxPart part = new SandboxPart(config.sandbox(), folder, install, clock);
    LogBook logs = new LogBook(clock);
    EgressPart.OwnDomain domain = new EgressPart.OwnDomain();
    EgressPart.Asked asked = new EgressPart.Asked();
    EgressPart.Kept secrets = new EgressPart.Kept();
    EgressPart.Inside inside = new EgressPart.Inside(folder.doorSocket());
    EgressGateway gateway =
        parts.add(
            "egress gateway",
            new EgressPart(config.egress(), clock).open(domain, asked, secrets, inside));
    var opening = parts.begin("sandbox host", () -> part.open(logs, gateway));
    return new Begun(part, logs, new Egress(gateway, domain, asked, secrets, inside), opening);
  }

  DeclaredSandboxes declared(UsageMonitor usage) {
    return new DeclaredSandboxes(sandboxes, host, usage, logs, egress.gateway(), part.onlyUser());
  }

  /** Access to the data of sandboxes, for backups. */
  SandboxData data() {
    return new SandboxData(sandboxes, host);
  }

  /** Lets appspaces reach one another, if their whitelists allow it. */
  void connect(FrontDoor frontDoor) {
    egress.inside().leadsTo(frontDoor);
  }

  /** Connects the reconciler to the events and egress requests of sandboxes. */
  void reportTo(Reconciliation reconciliation, FrontDoor frontDoor) {
    egress.domain().isOf(reconciliation::domain);
    egress.asked().goTo(reconciliation.approvals());
    events.passTo(reconciliation.reports(), frontDoor::disconnect);
    host.report(new VolumeReports(sandboxes, host, reconciliation.reports()));
  }
}
