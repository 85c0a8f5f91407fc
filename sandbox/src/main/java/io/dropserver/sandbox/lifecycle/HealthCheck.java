package io.dropserver.sandbox.lifecycle;

import io.dropserver.base.http1.HeadEncoder;
import io.dropserver.base.http1.HeadReader;
import io.dropserver.base.http1.StreamSource;
import io.dropserver.sandbox.Sandbox;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.state.condition.SandboxReason;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Requests the front page of a sandbox, as an anonymous visitor. */
final class HealthCheck {
  static final Duration DEADLINE = Duration.ofSeconds(30);

  /** As for responses to visitors. */
  private static final int MAX_HEAD_BYTES = 16 << 10;

  private static final int SERVER_ERROR = 500;

  private HealthCheck() {}

  /**
   * Requests the front page, and blocks until the head of the response.
   *
   * @throws SandboxException reason {@code HealthCheckFailed} when the app does not answer in time,
   *     or answers with a status of 500 or more
   */
  static void require(Sandbox sandbox) {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      FutureTask<Integer> status =
          new FutureTask<>(() -> ask(channel, sandbox.address(), host(sandbox)));
      var _ = Thread.ofVirtual().name("health-check").start(status);
      int answered = status.get(DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
      if (answered >= SERVER_ERROR) {
        throw failed(sandbox, "it answers GET / with status " + answered);
      }
    } catch (IOException | ExecutionException e) {
      throw failed(sandbox, "it does not answer GET /: " + e.getMessage());
    } catch (TimeoutException e) {
      throw failed(sandbox, "it does not answer GET / within %d s".formatted(DEADLINE.toSeconds()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failed(sandbox, "it was interrupted");
    }
  }

  private static SandboxException failed(Sandbox sandbox, String why) {
    return new SandboxException(
        SandboxReason.HEALTH_CHECK_FAILED,
        "%s %s starts, but %s; see `dropserver logs %s`"
            .formatted(
                sandbox.spec().app().app(),
                sandbox.spec().app().version(),
                why,
                sandbox.spec().appspace()));
  }

  private static String host(Sandbox sandbox) {
    return URI.create(sandbox.spec().url()).getRawAuthority();
  }

  /** Reads only the head of the response. The rest is up to the app. */
  static int ask(SocketChannel channel, UnixDomainSocketAddress address, String host)
      throws IOException {
    channel.connect(address);
    new HeadEncoder(MAX_HEAD_BYTES)
        .request("GET", "/")
        .field("Host", host)
        .field("Connection", "close")
        .end(Channels.newOutputStream(channel));
    return new HeadReader(StreamSource.of(Channels.newInputStream(channel)), MAX_HEAD_BYTES)
        .finalResponse("GET", false)
        .status();
  }
}
