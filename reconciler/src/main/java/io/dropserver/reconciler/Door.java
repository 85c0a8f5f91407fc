package io.dropserver.reconciler;

import io.dropserver.sandbox.SandboxLeases;
import io.dropserver.schema.host.HostConfig;
import io.dropserver.web.FrontDoor;
import io.dropserver.web.admin.AdminServer;
import io.dropserver.web.hook.DeliveryLog;
import io.dropserver.web.hook.Hook;
import io.dropserver.web.hook.WebhookHandler;
import io.dropserver.web.site.FrontDoorLimits;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.List;

/** All that listens for people and machines, wired; its shell serves when it is told what. */
record Door(
    PrometheusMeterRegistry metrics,
    InService inService,
    LateHandler shell,
    FrontDoor frontDoor,
    SitePlaces places) {

  static Door open(HostConfig config, SandboxLeases leases, Parts parts) {
    PrometheusMeterRegistry metrics = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    parts.add("metrics", metrics::close);
    InService inService = new InService();
    config
        .admin()
        .ifPresent(at -> parts.add("admin listener", AdminServer.start(at, metrics, inService)));
    LateHandler shell = new LateHandler();
    FrontDoor frontDoor =
        parts.add(
            "front door",
            FrontDoor.start(config.listen(), FrontDoorLimits.DEFAULT, leases, shell, metrics));
    SitePlaces places = SitePlaces.of(config.listen().getFirst(), frontDoor.port());
    return new Door(metrics, inService, shell, frontDoor, places);
  }

  void serveHooks(List<Hook> hooks, DeliveryLog deliveries, Reconciliation reconciliation) {
    shell.passTo(
        new WebhookHandler(
            hooks,
            deliveries,
            reconciliation.control(),
            reconciliation.approvals()::pullRequestClosed));
    InstanceMetrics.bindTo(metrics, reconciliation.view());
  }
}
