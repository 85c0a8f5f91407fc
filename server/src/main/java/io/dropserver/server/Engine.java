package io.dropserver.server;

import io.dropserver.base.concurrent.MonotonicClock;
import io.dropserver.egress.gateway.EgressGateway;
import io.dropserver.egress.gateway.HostApi;
import io.dropserver.reconciler.approval.Approvals;
import io.dropserver.reconciler.converge.Backoff;
import io.dropserver.reconciler.converge.GitAppVersions;
import io.dropserver.reconciler.forge.ForgeClient;
import io.dropserver.reconciler.source.AppSources;
import io.dropserver.reconciler.source.GitSource;
import io.dropserver.reconciler.update.AppUpdates;
import io.dropserver.reconciler.update.CandidateTrial;
import io.dropserver.reconciler.update.UpdateModule;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.app.AppStore;
import io.dropserver.sandbox.app.NpmResolver;
import io.dropserver.sandbox.lifecycle.AwakeApi;
import io.dropserver.sandbox.lifecycle.AwakeClaims;
import io.dropserver.sandbox.lifecycle.Sandboxes;
import io.dropserver.sandbox.local.LocalSandboxHost;
import io.dropserver.sandbox.log.LogRegistry;
import io.dropserver.sandbox.log.LogRing;
import io.dropserver.sandbox.storage.Storage;
import io.dropserver.sandbox.storage.VolumeHost;
import io.dropserver.sandbox.usage.MachineMemory;
import io.dropserver.sandbox.usage.UsageMonitor;
import io.dropserver.schema.host.AdminSettings;
import io.dropserver.schema.host.HostConfig;
import io.dropserver.schema.instance.Appspace.Isolation;
import io.dropserver.state.condition.ConditionType;
import io.dropserver.web.site.FrontDoor;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.InstantSource;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The components that install and run apps. */
record Engine(
    LogRegistry logs,
    EgressGateway egress,
    VolumeHost host,
    AppStore store,
    GitAppVersions versions,
    NpmResolver resolver,
    Sandboxes sandboxes,
    OptionalInt sharedUid) {
  private static final Logger LOG = LoggerFactory.getLogger(Engine.class);

  private static List<InetSocketAddress> listeners(HostConfig config, FrontDoor frontDoor) {
    Stream<InetSocketAddress> admin =
        config.admin().map(AdminSettings::address).stream()
            .map(at -> new InetSocketAddress(at.getHostString(), at.getPort()));
    return Stream.concat(frontDoor.addresses().stream(), admin).toList();
  }

  static Engine open(
      SandboxModule module,
      HostConfig config,
      Stores stores,
      GitSource source,
      Approvals approvals,
      FrontDoor frontDoor,
      HostApi hostApi,
      OpenResources openResources) {
    InstantSource elapsed = new MonotonicClock(module.clock());
    AwakeClaims awake = new AwakeClaims(elapsed, module.clock());
    EgressGateway egress =
        openResources.add(
            "egress gateway",
            EgressModule.open(
                config.egress(),
                stores,
                approvals,
                new FrontDoorPeers(frontDoor, module.folder().frontDoorSocket()),
                new AwakeApi(awake, hostApi),
                listeners(config, frontDoor),
                module.clock()));
    LogRegistry logs =
        new LogRegistry(
            module.clock(),
            new LogRing.Retention(config.log().appLines(), config.log().appBytes()));
    LocalSandboxHost local = openResources.add("sandbox host", module.open(logs, egress, false));
    Storage storage = openResources.add("storage", module.storage());
    VolumeHost host =
        new VolumeHost(
            local,
            storage,
            spec -> stores.data().createFolder(spec.appspace()),
            module.allowWeaker());
    reportIfUnavailable(host, stores);
    AppStore store = module.store(local);
    Sandboxes sandboxes =
        openResources.add(
            "sandboxes",
            new Sandboxes(
                host,
                module.lifecycle(),
                elapsed,
                new SandboxEventForwarder(stores.failures(), frontDoor::disconnect),
                awake,
                MachineMemory.ofThisMachine()::isShort));
    host.setWriters(new VolumeFailureHandler(sandboxes, host, stores.failures()));
    AppSources sources =
        new AppSources(
            source,
            module.folder().root().resolve("foreign"),
            config.apps().localRepositories(),
            RepositoryAccess.sourceAccess(config),
            module.clock());
    return new Engine(
        logs,
        egress,
        host,
        store,
        new GitAppVersions(sources, store),
        new NpmResolver(module.installSettings(local)),
        sandboxes,
        module.sharedUid());
  }

  /** Sets or clears the condition that this machine cannot start any sandbox. */
  private static void reportIfUnavailable(VolumeHost host, Stores stores) {
    try {
      host.requireIsolation(Isolation.NAMESPACES);
      stores.server().clear(ConditionType.SANDBOXES_UNAVAILABLE);
    } catch (SandboxException e) {
      LOG.error("no sandbox can start, so no appspace is served: {}", e.getMessage());
      stores
          .server()
          .set(
              ConditionType.SANDBOXES_UNAVAILABLE,
              e.reason(),
              "no sandbox can start: " + e.getMessage());
    }
  }

  LocalSandboxManager declared(UsageMonitor usage) {
    return new LocalSandboxManager(sandboxes, host, usage, logs, egress, sharedUid);
  }

  /** Builds the updates of apps, which install new versions into the store. */
  AppUpdates updates(
      SandboxModule module,
      HostConfig config,
      ReconcilerModule.Config repository,
      Stores stores,
      Backoff backoff,
      Clock clock) {
    CandidateTrial trial =
        new CandidateTrial(store, versions, resolver, module.folder().root().resolve("updates"));
    ReconcilerModule.Writing access = repository.writing();
    return UpdateModule.open(
        new UpdateModule.Origins(
            egress.fetch(module.trusted()), versions.sources()::tags, trial::registry),
        access
            .remote()
            .map(
                remote ->
                    new UpdateModule.Writing(
                        remote,
                        access.forge().map(ForgeClient::pulls),
                        repository.reader(),
                        repository.options(),
                        stores.polls()::wake,
                        trial,
                        versions)),
        stores.database(),
        backoff,
        clock);
  }

  /** Returns access to the data of sandboxes, for backups. */
  SandboxData data() {
    return new SandboxData(sandboxes, host);
  }
}
