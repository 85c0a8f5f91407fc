package io.dropserver.web.access;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A request, a WebSocket or the request of a job, from before it takes a lease until it has ended
 * in both directions. Thread-safe.
 *
 * <p>When its right ends, everything that was registered by {@link #onEnd} is closed, on the thread
 * that changes the right. From then on the exchange passes nothing on: {@link #whileAdmitted} and
 * {@link #onEnd} refuse.
 */
public final class OpenExchange implements AutoCloseable {
  private final OpenExchanges exchanges;
  private final AccessRight right;
  private volatile boolean ended;
  private volatile boolean left;

  // guarded by this, as are all fields below
  private final List<Ending> endings = new ArrayList<>(2);
  private final List<Runnable> held = new ArrayList<>(3);
  private Optional<Runnable> webSocket = Optional.empty();
  private boolean closed;

  OpenExchange(OpenExchanges exchanges, AccessRight right) {
    this.exchanges = exchanges;
    this.right = right;
  }

  /** An action that runs when the right ends. Closing it withdraws the action. */
  public final class Ending implements AutoCloseable {
    private final Runnable action;

    private Ending(Runnable action) {
      this.action = action;
    }

    /** Withdraws the action. Returns false if the right has ended, so that the action runs. */
    public boolean withdraw() {
      synchronized (OpenExchange.this) {
        endings.remove(this);
        return !ended;
      }
    }

    @Override
    public void close() {
      var _ = withdraw();
    }
  }

  /** Something that must not begin after the right has ended. It must not block. */
  public interface Step {
    void run();
  }

  /** Returns what admitted this exchange. */
  public AccessRight right() {
    return right;
  }

  /**
   * Registers this exchange, and then checks its right in the current host table. So each change is
   * seen here or ends the exchange.
   *
   * @throws AccessEndedException if the right has ended since it was read
   */
  public void begin() throws AccessEndedException {
    exchanges.add(this);
    exchanges.check(this);
    check();
  }

  /**
   * Registers an action for the end of the right, such as closing a connection. If the right has
   * ended, the action runs at once.
   *
   * @param action runs at most once, on any thread, possibly after the exchange is closed; must not
   *     block
   * @throws AccessEndedException if the right has ended
   */
  public Ending onEnd(Runnable action) throws AccessEndedException {
    Ending ending = new Ending(action);
    synchronized (this) {
      if (!ended) {
        endings.add(ending);
        return ending;
      }
    }
    action.run();
    throw new AccessEndedException();
  }

  /**
   * Does a step that passes something on. A step that has begun is done before {@link #end}
   * returns.
   *
   * @throws AccessEndedException if the right has ended
   */
  public synchronized void whileAdmitted(Step step) throws AccessEndedException {
    check();
    step.run();
  }

  /**
   * @throws AccessEndedException if the right has ended
   */
  public void check() throws AccessEndedException {
    if (ended) {
      throw new AccessEndedException();
    }
  }

  public boolean hasEnded() {
    return ended;
  }

  /** Records that the client has left. What waits for the exchange need not wait any more. */
  public void leave() {
    left = true;
  }

  /** Returns whether the client has left although its right has not ended. */
  public boolean hasLeft() {
    return left && !ended;
  }

  /** Returns whether the right has ended or the client has left. */
  public boolean isAbandoned() {
    return ended || left;
  }

  /**
   * Makes this exchange an open WebSocket. It must be closed when the WebSocket has ended.
   *
   * @throws AccessEndedException if the right has ended
   */
  public synchronized void becomeWebSocket(Runnable closer) throws AccessEndedException {
    check();
    webSocket = Optional.of(closer);
    endings.add(new Ending(closer));
  }

  public synchronized boolean isWebSocket() {
    return webSocket.isPresent();
  }

  void closeWebSocket() {
    Optional<Runnable> closer;
    synchronized (this) {
      closer = webSocket;
    }
    closer.ifPresent(Runnable::run);
  }

  /** Releases something when this exchange is closed; at once if it is closed already. */
  public void hold(Runnable release) {
    synchronized (this) {
      if (!closed) {
        held.add(release);
        return;
      }
    }
    release.run();
  }

  /** Ends both directions, because the right has ended. */
  void end() {
    List<Ending> all;
    synchronized (this) {
      if (ended || closed) {
        return;
      }
      ended = true;
      all = List.copyOf(endings);
      endings.clear();
    }
    all.forEach(each -> each.action.run());
  }

  /** Removes the registration and releases what is held, in reverse order. Idempotent. */
  @Override
  public void close() {
    List<Runnable> all;
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      all = held.reversed();
    }
    exchanges.remove(this);
    all.forEach(Runnable::run);
  }
}
