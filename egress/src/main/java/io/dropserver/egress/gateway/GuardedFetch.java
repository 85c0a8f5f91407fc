package io.dropserver.egress.gateway;

import io.dropserver.base.http1.BodyReader;
import io.dropserver.base.http1.HeadEncoder;
import io.dropserver.base.http1.HeadReader;
import io.dropserver.base.http1.ResponseHead;
import io.dropserver.egress.Destination;
import io.dropserver.egress.DestinationException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Fetches small documents for the server itself. A URL may come from an instance repository, so the
 * address rules of the gateway apply: addresses that are not public are reached only where the
 * operator permits it. Thread-safe.
 */
public final class GuardedFetch {
  /** Charged for the lookups of names. No appspace can have this name. */
  private static final String CALLER = "(server)";

  private static final int MAX_HEAD_BYTES = 64 << 10;
  private static final int MAX_REDIRECTS = 3;

  private final Connector connector;

  GuardedFetch(Connector connector) {
    this.connector = connector;
  }

  /**
   * Fetches a document with GET, and follows up to three redirects.
   *
   * @param maxBytes the fetch fails when more arrives
   * @param deadline for everything together
   * @throws IOException with a sentence that names the URL without its query; its text may come
   *     from the destination, as printable ASCII
   */
  public byte[] get(URI url, String accept, int maxBytes, Duration deadline) throws IOException {
    long end = System.nanoTime() + deadline.toNanos();
    return within(deadline, url, open -> follow(url, accept, maxBytes, end, open));
  }

  /**
   * A request of the server.
   *
   * @param headers without Host, Content-Length and Connection
   * @param body sent as UTF-8; empty for none
   */
  public record Call(String method, URI url, Map<String, String> headers, String body) {}

  /**
   * A response.
   *
   * @param body decoded as UTF-8
   * @param contentType empty if the destination did not send one
   * @param time the destination's clock; empty if it did not send it
   */
  public record Answer(int status, String contentType, String body, Optional<Instant> time) {}

  /**
   * Sends one request, and reads its response of any status. Follows no redirect.
   *
   * @param maxBytes the exchange fails when more arrives
   * @param deadline for everything together
   * @throws IOException with a sentence that names the URL without its query; its text may come
   *     from the destination, as printable ASCII
   */
  public Answer send(Call call, int maxBytes, Duration deadline) throws IOException {
    long end = System.nanoTime() + deadline.toNanos();
    return within(deadline, call.url(), open -> exchange(call, maxBytes, end, open));
  }

  private interface Work<T> {
    T run(AtomicReference<Socket> open) throws IOException;
  }

  private static <T> T within(Duration deadline, URI url, Work<T> work) throws IOException {
    var open = new AtomicReference<Socket>();
    var task = new FutureTask<>(() -> work.run(open));
    Thread.ofVirtual().name("guarded-fetch").start(task);
    try {
      return task.get(deadline.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw failed(url, "it did not answer within " + deadline.toSeconds() + " s", e);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw failed(url, String.valueOf(cause.getMessage()), cause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("the fetch was cancelled");
    } finally {
      task.cancel(true);
      close(open.get());
    }
  }

  private Answer exchange(Call call, int maxBytes, long end, AtomicReference<Socket> open)
      throws IOException {
    Destination destination = destination(call.url());
    try (BufferedConnection connection = connect(destination, end, open)) {
      HeadEncoder head = head(call.method(), destination);
      call.headers().forEach(head::field);
      byte[] content = call.body().getBytes(StandardCharsets.UTF_8);
      if (content.length > 0) {
        head.field("Content-Length", Integer.toString(content.length));
      }
      connection.write(head.end());
      connection.write(ByteBuffer.wrap(content));
      connection.flush();
      ResponseHead answer =
          new HeadReader(connection, MAX_HEAD_BYTES).finalResponse(call.method(), false);
      return new Answer(
          answer.status(),
          answer.fields().first("content-type").orElse(""),
          new String(body(connection, answer, maxBytes), StandardCharsets.UTF_8),
          time(answer));
    }
  }

  /** Returns the time at which the destination answered. A cache may have answered for it. */
  private static Optional<Instant> time(ResponseHead answer) {
    try {
      String age =
          answer.fields().first("age").filter(text -> text.matches("\\d{1,9}")).orElse("0");
      return answer
          .fields()
          .first("date")
          .map(text -> Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(text)))
          .map(date -> date.plusSeconds(Long.parseLong(age)));
    } catch (DateTimeException malformed) {
      return Optional.empty();
    }
  }

  private byte[] follow(
      URI start, String accept, int maxBytes, long end, AtomicReference<Socket> open)
      throws IOException {
    URI url = start;
    for (int hop = 0; hop <= MAX_REDIRECTS; hop++) {
      Destination destination = destination(url);
      try (BufferedConnection connection = connect(destination, end, open)) {
        write(connection, destination, accept);
        ResponseHead head = new HeadReader(connection, MAX_HEAD_BYTES).finalResponse("GET", false);
        if (head.status() == 200) {
          return body(connection, head, maxBytes);
        }
        String location = head.fields().first("location").orElse("");
        if (head.status() < 300 || head.status() > 399 || location.isEmpty()) {
          throw new IOException("it answered with status " + head.status());
        }
        url = redirect(url, location);
      }
    }
    throw new IOException("it redirected more than " + MAX_REDIRECTS + " times");
  }

  private BufferedConnection connect(
      Destination destination, long end, AtomicReference<Socket> open) throws IOException {
    try {
      return connector.connect(CALLER, destination, end, open::set);
    } catch (RefusedException e) {
      throw new IOException(String.valueOf(e.getMessage()), e);
    }
  }

  private static void write(BufferedConnection connection, Destination destination, String accept)
      throws IOException {
    connection.write(head("GET", destination).field("Accept", accept).end());
    connection.flush();
  }

  private static HeadEncoder head(String method, Destination destination) {
    String query = destination.query().map(text -> "?" + text).orElse("");
    return new HeadEncoder(Integer.MAX_VALUE)
        .request(method, destination.path() + query)
        .field("Host", destination.hostHeader())
        .field("Accept-Encoding", "identity")
        .field("User-Agent", "Dropserver")
        .field("Connection", "close");
  }

  private static byte[] body(BufferedConnection connection, ResponseHead head, int maxBytes)
      throws IOException {
    BodyReader reader = new BodyReader(connection, head.body());
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (ByteBuffer piece = reader.next(); piece.hasRemaining(); piece = reader.next()) {
      if (all.size() + piece.remaining() > maxBytes) {
        throw new IOException("its answer is larger than " + maxBytes + " bytes");
      }
      all.write(piece.array(), piece.arrayOffset() + piece.position(), piece.remaining());
      piece.position(piece.limit());
    }
    return all.toByteArray();
  }

  private static Destination destination(URI url) throws IOException {
    try {
      return Destination.parse(url.toString());
    } catch (DestinationException e) {
      throw new IOException(String.valueOf(e.getMessage()), e);
    }
  }

  /** Refuses a redirect to a scheme with less protection. */
  private static URI redirect(URI from, String location) throws IOException {
    try {
      URI to = from.resolve(location);
      if ("https".equalsIgnoreCase(to.getScheme())
          || String.valueOf(from.getScheme()).equalsIgnoreCase(to.getScheme())) {
        return to;
      }
    } catch (IllegalArgumentException malformed) {
      // the same message
    }
    throw new IOException("it redirected to a URL that is not used");
  }

  private static void close(@Nullable Socket socket) {
    if (socket != null) {
      try {
        socket.close();
      } catch (IOException e) {
        // It is not used any more.
      }
    }
  }

  private static IOException failed(URI url, String why, Throwable cause) {
    String shown = url.getScheme() + "://" + url.getAuthority() + url.getPath();
    return new IOException(
        shown.replaceAll("[^ -~]", "?") + ": " + why.replaceAll("[^ -~]", "?"), cause);
  }
}
