package io.dropserver.sandbox.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import io.dropserver.egress.gateway.AllowedPrivateRanges;
import io.dropserver.egress.gateway.EgressApprovals;
import io.dropserver.egress.gateway.EgressGateway;
import io.dropserver.egress.gateway.EgressLimits;
import io.dropserver.egress.gateway.GatewayFixture;
import io.dropserver.egress.gateway.LoopbackServer;
import io.dropserver.egress.gateway.OwnNames;
import io.dropserver.egress.gateway.PeerAppspaces;
import io.dropserver.egress.gateway.Resolver;
import io.dropserver.egress.gateway.Secrets;
import io.dropserver.egress.gateway.TrustedAuthorities;
import io.dropserver.sandbox.InstalledApp;
import io.dropserver.sandbox.Sandbox;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.sandbox.app.AppStore;
import io.dropserver.sandbox.app.FolderFiles;
import io.dropserver.sandbox.app.InstallProgress;
import io.dropserver.sandbox.app.InstallSettings;
import io.dropserver.sandbox.deno.DenoBinary;
import io.dropserver.sandbox.deno.DenoLayer;
import io.dropserver.schema.host.CidrBlock;
import io.dropserver.schema.instance.Limits;
import io.dropserver.state.condition.AppReason;
import io.dropserver.testing.CertificateAuthority;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Popular npm clients, unmodified, installed as dependencies of an app. */
@Tag("long")
@Timeout(300)
class NpmClientsTest {
  private static final Path APP =
      Path.of("src/test/resources/io/dropserver/sandbox/local/clients").toAbsolutePath();
  private static final Limits LIMITS =
      new Limits(
          512L << 20,
          2000,
          64,
          1L << 30,
          Duration.ofSeconds(30),
          Duration.ofMinutes(5),
          Limits.DEFAULT.stopAfter(),
          Limits.DEFAULT.requestBodyBytes(),
          Limits.AppspaceEgressLimits.DEFAULT);

  @TempDir private Path folder;

  @Test
  void axiosUndiciWsAndAwsSdkUseTheGatewayAndReportRefusals() throws Exception {
    CertificateAuthority authority =
        new CertificateAuthority(Files.createDirectory(folder.resolve("ca")));
    EgressGateway gateway =
        new EgressGateway(
            new EgressGateway.GatewayDependencies(
                Resolver.SYSTEM,
                OwnNames.NONE,
                NpmClientsTest::standing,
                Secrets.NONE,
                PeerAppspaces.NONE,
                InstantSource.system()),
            new AllowedPrivateRanges(
                List.of(CidrBlock.parse("127.0.0.1/32").orElseThrow()),
                Map.of("api.test", InetAddress.getLoopbackAddress())),
            List.of(authority.file()),
            EgressLimits.DEFAULT);
    try (LoopbackServer server =
            LoopbackServer.secured(authority.server("dns:api.test"), NpmClientsTest::answer);
        TestHost test = new TestHost(folder, DenoLayer.ON, Duration.ofSeconds(60), gateway)) {
      SandboxSpec spec = test.spec("");
      InstalledApp app = install(test, spec.uid());
      String api = "api.test:" + server.port();
      Sandbox sandbox =
          test.host.start(
              new SandboxSpec(
                  spec.appspace(),
                  app,
                  spec.dataFolder(),
                  spec.uid(),
                  spec.url(),
                  spec.config(),
                  LIMITS,
                  spec.isolation(),
                  GatewayFixture.policy(List.of("https://" + api + "/"), List.of())));
      assertThat(ask(sandbox, "/axios", "https://" + api + "/x")).isEqualTo("POST /x 3");
      assertThat(ask(sandbox, "/undici", "https://" + api + "/x")).isEqualTo("GET /x 0");
      assertThat(ask(sandbox, "/ws", "wss://" + api + "/ws")).isEqualTo("hi");
      assertThat(ask(sandbox, "/aws", "https://" + api)).isEqualTo("photos");
      for (String client : List.of("/axios", "/undici", "/ws", "/aws")) {
        String scheme = client.equals("/ws") ? "wss" : "https";
        assertThat(ask(sandbox, client, scheme + "://other.test/"))
            .as(client)
            .containsPattern(
                "https://other\\.test: not whitelisted; request [0-9a-f]{8} is waiting");
        assertThat(ask(sandbox, client, scheme + "://no.test/"))
            .as(client)
            .containsPattern("https://no\\.test: not whitelisted; the owner said no to request ");
      }
      sandbox.stop(Duration.ofSeconds(1));
    }
  }

  private static EgressApprovals.ApprovalState standing(EgressApprovals.Request request) {
    return request.origin().host().equals("no.test")
        ? new EgressApprovals.Denied(request.id())
        : new EgressApprovals.PendingApproval(request.id());
  }

  private InstalledApp install(TestHost test, int uid) throws IOException {
    AppStore store =
        AppStore.open(
            folder.resolve("apps"),
            new InstallSettings(
                test.host.launcher(),
                DenoBinary.find(Optional.empty(), Optional.empty()).path(),
                DenoBinary.VERSION,
                test.host.runtimeFolder(),
                uid,
                Optional::empty,
                List.of(),
                Map.of(),
                TrustedAuthorities.platformOnly()),
            InstantSource.system());
    try {
      return store.install("clients", "1.0.0", FolderFiles.of(APP), InstallProgress.SILENT);
    } catch (SandboxException e) {
      if (e.reason() == AppReason.DEPENDENCIES_FAILED) {
        return abort("the registry cannot be reached: " + e.getMessage());
      }
      throw e;
    }
  }

  private static void answer(LoopbackServer.Request request, OutputStream out) throws IOException {
    if (request.all("Authorization").stream().anyMatch(value -> value.startsWith("AWS4"))) {
      LoopbackServer.ok(
          out,
          "GET",
          "<ListAllMyBucketsResult><Buckets><Bucket><Name>photos</Name></Bucket></Buckets>"
              + "</ListAllMyBucketsResult>");
    } else {
      LoopbackServer.echo(request, out);
    }
  }

  private static String ask(Sandbox sandbox, String path, String url) throws IOException {
    return TestHost.get(
        sandbox.address(), path + "?url=" + URLEncoder.encode(url, StandardCharsets.UTF_8));
  }
}
