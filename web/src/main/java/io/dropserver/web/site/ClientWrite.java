package io.dropserver.web.site;

import io.dropserver.web.access.OpenExchange;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/** A write of a piece of a response to the client. */
final class ClientWrite implements Callback {
  private final CountDownLatch done = new CountDownLatch(1);
  private volatile @Nullable Throwable failure;

  private ClientWrite() {}

  /**
   * Writes a piece and waits until the client has taken it, or the right of the exchange ends.
   *
   * @throws io.dropserver.web.access.AccessEndedException if the right has ended; Jetty may still
   *     have a part of the piece, until the exchange is aborted
   */
  static void write(ProxyExchange proxyExchange, boolean last, ByteBuffer piece)
      throws IOException {
    ClientWrite write = new ClientWrite();
    OpenExchange open = proxyExchange.open();
    open.whileAdmitted(() -> proxyExchange.response().write(last, piece, write));
    write.await(open);
  }

  @Override
  public void succeeded() {
    done.countDown();
  }

  @Override
  public void failed(Throwable cause) {
    failure = cause; // set before the other thread wakes up and reads it
    done.countDown();
  }

  @Override
  public InvocationType getInvocationType() {
    return InvocationType.NON_BLOCKING;
  }

  private void await(OpenExchange open) throws IOException {
    if (done.getCount() > 0) {
      try (var _ = open.onEnd(done::countDown)) {
        done.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted while the client reads");
      }
      open.check();
    }
    Throwable cause = failure;
    if (cause != null) {
      throw new IOException("the client does not take the response", cause);
    }
  }
}
