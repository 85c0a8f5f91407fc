package io.dropserver.reconciler.server;

import io.dropserver.sandbox.SandboxLeases;
import io.dropserver.schema.host.HostConfig;
import io.dropserver.schema.state.StateFolder;
import io.dropserver.schema.status.UserControl;
import io.dropserver.web.FrontDoor;
import io.dropserver.web.admin.AdminServer;
import io.dropserver.web.dashboard.Dashboard;
import io.dropserver.web.dashboard.DashboardData;
import io.dropserver.web.dashboard.DashboardSources;
import io.dropserver.web.hook.DeliveryLog;
import io.dropserver.web.hook.WebhookEndpoint;
import io.dropserver.web.hook.WebhookHandler;
import io.dropserver.web.identity.Identity;
import io.dropserver.web.site.FrontDoorLimits;
import io.dropserver.web.tls.Certificates;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.List;

/**
 * Wires everything that listens for people and machines. The shell responds once its handlers are
 * set.
 */
record FrontDoorModule(
    PrometheusMeterRegistry metrics,
    ServedInstance servedInstance,
    DeferredHandler shell,
    FrontDoor frontDoor,
    CertificateConditions certificates) {

  /**
   * Interval between checks of the certificate files, short enough for an operator who has just
   * replaced them.
   */
  private static final Duration CERTIFICATE_CHECK_INTERVAL = Duration.ofSeconds(2);

  static FrontDoorModule open(
      HostConfig config,
      StateFolder folder,
      SandboxLeases leases,
      Identity identity,
      Clock clock,
      OpenResources openResources) {
    PrometheusMeterRegistry metrics = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    openResources.add("metrics", metrics::close);
    ServedInstance servedInstance = new ServedInstance();
    config
        .admin()
        .ifPresent(
            at ->
                openResources.add(
                    "admin listener", AdminServer.start(at, metrics, servedInstance)));
    DeferredHandler shell = new DeferredHandler();
    CertificateConditions conditions = new CertificateConditions();
    Certificates certificates =
        openResources.add(
            "certificates",
            Certificates.open(
                config.listen(),
                config
                    .acme()
                    .map(acme -> new Certificates.AcmeOptions(acme, folder.certificates())),
                conditions,
                clock,
                CERTIFICATE_CHECK_INTERVAL));
    FrontDoor frontDoor =
        openResources.add(
            "front door",
            FrontDoor.start(
                config.listen(),
                certificates,
                FrontDoorLimits.ofThisProcess(),
                leases,
                identity,
                shell,
                metrics));
    return new FrontDoorModule(metrics, servedInstance, shell, frontDoor, conditions);
  }

  /** Adds the dashboard and the list of apps to the shell. */
  Dashboard showPages(
      ReconcilerModule reconcilerModule,
      DashboardData dashboardData,
      Identity identity,
      UserControl users,
      Clock clock) {
    DashboardSources dashboardSources =
        new DashboardSources(
            reconcilerModule.view(),
            dashboardData,
            reconcilerModule.appearances(),
            frontDoor::recentRequests,
            clock);
    Dashboard dashboard =
        new Dashboard(dashboardSources, identity, users, reconcilerModule.control());
    frontDoor.addPages(reconcilerModule.appearances(), dashboard);
    return dashboard;
  }

  void serveWebhooks(
      List<WebhookEndpoint> hooks, DeliveryLog deliveries, ReconcilerModule reconcilerModule) {
    shell.connectTo(
        new WebhookHandler(
            hooks,
            deliveries,
            reconcilerModule.control(),
            reconcilerModule.approvals()::pullRequestChanged));
    certificates.publish(reconcilerModule.serverState());
    InstanceMetrics.bindTo(metrics, reconcilerModule.view());
  }
}
