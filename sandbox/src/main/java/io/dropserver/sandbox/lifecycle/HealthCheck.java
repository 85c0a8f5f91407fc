package io.dropserver.sandbox.lifecycle;

import io.dropserver.sandbox.Sandbox;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.schema.status.SandboxReason;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Requests the front page of a sandbox, as an anonymous visitor. */
final class HealthCheck {
  static final Duration DEADLINE = Duration.ofSeconds(30);

  private static final Pattern STATUS_LINE = Pattern.compile("HTTP/1\\.[01] (\\d{3})[ \r]");
  private static final int STATUS_LINE_BYTES = 13;
  private static final int SERVER_ERROR = 500;

  private HealthCheck() {}

  /**
   * Requests the front page, and blocks until the status line of the response.
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

  /** Reads only the status line. The rest of the response is up to the app. */
  private static int ask(SocketChannel channel, UnixDomainSocketAddress address, String host)
      throws IOException {
    channel.connect(address);
    String request = "GET / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
    ByteBuffer out = ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII));
    while (out.hasRemaining()) {
      channel.write(out);
    }
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    ByteBuffer in = ByteBuffer.allocate(STATUS_LINE_BYTES);
    while (head.size() < STATUS_LINE_BYTES && channel.read(in.clear()) >= 0) {
      head.write(in.array(), 0, in.position());
    }
    Matcher line = STATUS_LINE.matcher(head.toString(StandardCharsets.ISO_8859_1));
    if (!line.lookingAt()) {
      throw new IOException("its response is not HTTP");
    }
    return Integer.parseInt(line.group(1));
  }
}
