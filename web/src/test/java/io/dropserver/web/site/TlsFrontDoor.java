package io.dropserver.web.site;

import io.dropserver.schema.host.HostConfig;
import io.dropserver.web.tls.Certificates;
import io.dropserver.web.tls.TestAuthority;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** A front door over TLS, with one certificate of the test's own authority. */
final class TlsFrontDoor implements AutoCloseable {
  final TestAuthority authority;
  final FrontDoorFixture door;
  private final Certificates certificates;

  /**
   * @param folder for keys and certificates
   * @param hosts of the certificate
   */
  TlsFrontDoor(Path folder, List<String> hosts, FrontDoorLimits limits) throws IOException {
    authority = new TestAuthority(folder);
    authority.issue("home", hosts, 30);
    List<HostConfig.ListenerSettings> listeners =
        List.of(
            new HostConfig.ListenerSettings(
                InetSocketAddress.createUnresolved("127.0.0.1", 0),
                Optional.empty(),
                List.of(),
                List.of(new HostConfig.Certificate(authority.chain("home"), authority.key("home"))),
                false));
    certificates =
        new Certificates(
            listeners,
            Optional.empty(),
            FrontDoorFixture.NoReports.INSTANCE,
            InstantSource.system(),
            Duration.ofDays(1));
    door = new FrontDoorFixture(listeners, certificates, limits);
  }

  int port() {
    return URI.create(door.server.shellUrl()).getPort();
  }

  @Override
  public void close() throws IOException {
    door.close();
    certificates.close();
  }
}
