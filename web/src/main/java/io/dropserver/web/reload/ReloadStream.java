package io.dropserver.web.reload;

import io.dropserver.web.identity.ShellRequest;
import io.dropserver.web.identity.Visitor;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;

/**
 * Sends the number of the served version to open pages of the shell, as Server-Sent Events. A page
 * that was made for another number reloads itself. The number says nothing about the app.
 * Thread-safe.
 */
public final class ReloadStream implements AutoCloseable {
  /** The path on the shell's host; {@code reload.js} repeats it. */
  public static final String PATH = "/dev/reload";

  /** The maximum number of open streams. */
  static final int MAX_STREAMS = 32;

  /** The maximum time without an event, after which a stream notices that its client has left. */
  private static final long HEARTBEAT_MILLIS = 5_000;

  private final boolean guests;
  private final Semaphore streams = new Semaphore(MAX_STREAMS);
  private long version = 1; // guarded by this
  private boolean closed; // guarded by this

  /**
   * @param guests whether visitors who are not logged in may open a stream
   */
  public ReloadStream(boolean guests) {
    this.guests = guests;
  }

  /** Reloads the open pages. Call it when the new version is in service. */
  public synchronized void reload() {
    version++;
    notifyAll();
  }

  /** Returns the number of the served version. */
  public synchronized long version() {
    return version;
  }

  /**
   * Handles a request. Blocks while a stream is open.
   *
   * @return false when the request is for something else
   */
  public boolean handle(ShellRequest shellRequest, Optional<Visitor> visitor) {
    if (!shellRequest.matches("GET", PATH) || (visitor.isEmpty() && !guests)) {
      return false;
    }
    if (!streams.tryAcquire()) {
      shellRequest.sendText(429, "too many pages of this app are open");
      return true;
    }
    try {
      shellRequest.response().getHeaders().put(HttpHeader.CONTENT_TYPE, "text/event-stream");
      shellRequest.response().getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
      send(Content.Sink.asOutputStream(shellRequest.response()));
      shellRequest.exchange().callback().succeeded();
    } catch (IOException left) {
      shellRequest.exchange().callback().failed(left);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      shellRequest.exchange().callback().failed(e);
    } finally {
      streams.release();
    }
    return true;
  }

  private void send(OutputStream out) throws IOException, InterruptedException {
    long sent = 0;
    write(out, "retry: 500\n\n");
    while (!isClosed()) {
      long served = await(sent);
      write(out, served == sent ? ": \n\n" : "event: version\ndata: " + served + "\n\n");
      sent = served;
    }
    out.close();
  }

  /** Waits for a version other than the one that was sent, and returns the current one. */
  private synchronized long await(long sent) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(HEARTBEAT_MILLIS);
    long left = HEARTBEAT_MILLIS;
    while (version == sent && !closed && left > 0) {
      wait(left);
      left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
    }
    return version;
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  private static void write(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  /** Ends all streams. */
  @Override
  public synchronized void close() {
    closed = true;
    notifyAll();
  }
}
