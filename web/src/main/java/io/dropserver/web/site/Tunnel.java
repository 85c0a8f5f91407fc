package io.dropserver.web.site;

import io.dropserver.web.upstream.UpstreamConnection;
import io.dropserver.web.upstream.UpstreamException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.io.AbstractConnection;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.util.Blocker;
import org.eclipse.jetty.util.BufferUtil;
import org.jspecify.annotations.Nullable;

/**
 * Takes over a client's connection after a WebSocket handshake, and copies bytes in both directions
 * until either side closes. The bytes are not interpreted. One thread copies each direction.
 */
final class Tunnel extends AbstractConnection implements Connection.UpgradeTo {
  private static final int BUFFER_BYTES = 16 << 10;

  private final UpstreamConnection upstream;
  private final Runnable onEnd;
  private final AtomicBoolean ended = new AtomicBoolean();
  private @Nullable ByteBuffer early;

  /**
   * @param onEnd runs exactly once
   */
  Tunnel(EndPoint client, Executor executor, UpstreamConnection upstream, Runnable onEnd) {
    super(client, executor);
    this.upstream = upstream;
    this.onEnd = onEnd;
  }

  /** Receives the bytes that the client sent directly after its handshake. */
  @Override
  public void onUpgradeTo(ByteBuffer buffer) {
    early = BufferUtil.copy(buffer);
    BufferUtil.clear(buffer);
  }

  @Override
  public void onOpen() {
    super.onOpen();
    Thread.ofVirtual().name("tunnel").start(this::copyToClient);
    ByteBuffer first = early;
    early = null;
    if (first != null && first.hasRemaining()) {
      getExecutor().execute(() -> up(first));
      return;
    }
    fillInterested();
  }

  private void up(ByteBuffer first) {
    try {
      upstream.write(first, 0);
      fillInterested();
    } catch (UpstreamException e) {
      end();
    }
  }

  /** Copies from the client to the app, on a thread of Jetty. */
  @Override
  public void onFillable() {
    ByteBuffer buffer = BufferUtil.allocate(BUFFER_BYTES);
    try {
      while (true) {
        BufferUtil.clear(buffer);
        int count = getEndPoint().fill(buffer);
        if (count < 0) {
          end();
          return;
        }
        if (count == 0) {
          fillInterested();
          return;
        }
        upstream.write(buffer, 0);
      }
    } catch (IOException e) {
      end();
    }
  }

  @Override
  public void onFillInterestedFailed(Throwable cause) {
    end();
  }

  private void copyToClient() {
    try {
      while (true) {
        ByteBuffer piece = upstream.readBody();
        if (!piece.hasRemaining()) {
          return;
        }
        try (Blocker.Callback blocker = Blocker.callback()) {
          getEndPoint().write(blocker, piece);
          blocker.block();
        }
      }
    } catch (IOException e) {
      // One side has closed; close the other.
    } finally {
      end();
    }
  }

  @Override
  public boolean onIdleExpired(TimeoutException timeout) {
    end();
    return false;
  }

  @Override
  public void onClose(@Nullable Throwable cause) {
    super.onClose(cause);
    end();
  }

  /** Closes both sides. Idempotent and thread-safe. */
  void end() {
    if (ended.compareAndSet(false, true)) {
      upstream.close();
      getEndPoint().close();
      onEnd.run();
    }
  }
}
