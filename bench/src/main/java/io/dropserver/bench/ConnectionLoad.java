package io.dropserver.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Opens connections that each send one text and read the response at a given rate. One thread
 * serves all of them, so that the load generator leaves the CPU to the server. Thread-safe.
 */
final class ConnectionLoad implements Attack.RunningAttack {
  private static final int TICK_MILLIS = 50;

  /** New connections per tick, below the kernel's listen backlog. */
  private static final int OPENED_PER_TICK = 250;

  /** The first source port, which is below the kernel's range of ephemeral ports. */
  private static final int FIRST_PORT = 10_000;

  private static final int SMALL_BUFFER_BYTES = 4096;
  private static final Duration NO_MORE = Duration.ofSeconds(1);

  /**
   * @param connections number of connections
   * @param text sent on each connection
   * @param addresses number of source addresses
   * @param bytesPerSecond read rate of each connection; 0 reads nothing
   */
  record LoadPlan(int connections, String text, int addresses, int bytesPerSecond) {
    /** A value of {@code bytesPerSecond} that means no limit. */
    static final int ALL = Integer.MAX_VALUE;

    private boolean isPaced() {
      return bytesPerSecond > 0 && bytesPerSecond < ALL;
    }
  }

  private final SocketAddress front;
  private final LoadPlan loadPlan;
  private final Selector selector;
  private final List<SocketChannel> connected = new ArrayList<>(); // confined to the thread
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 16); // confined to the thread
  private final AtomicLong sent = new AtomicLong();
  private final Thread thread;
  private int opened; // confined to the thread
  private volatile boolean closed;

  private ConnectionLoad(SocketAddress front, LoadPlan loadPlan) throws IOException {
    this.front = front;
    this.loadPlan = loadPlan;
    this.selector = Selector.open();
    this.thread = Thread.ofPlatform().daemon().name("crowd").unstarted(this::run);
  }

  static ConnectionLoad start(SocketAddress front, LoadPlan loadPlan) throws IOException {
    ConnectionLoad connectionLoad = new ConnectionLoad(front, loadPlan);
    connectionLoad.thread.start();
    return connectionLoad;
  }

  /** Returns the number of connections that have sent their text. */
  @Override
  public long done() {
    return sent.get();
  }

  /**
   * Blocks until all connections have sent their text, or until no connection has done so for a
   * second.
   */
  @Override
  public void awaitStrength() throws InterruptedException {
    long before = -1;
    while (before < done() && done() < loadPlan.connections()) {
      before = done();
      Thread.sleep(NO_MORE);
    }
  }

  private void run() {
    long tick = System.nanoTime();
    try {
      while (!closed) {
        long left = tick - System.nanoTime();
        if (left <= 0) {
          tick();
          tick = System.nanoTime() + TICK_MILLIS * 1_000_000L;
        } else {
          selector.select(this::handle, Math.max(1, left / 1_000_000));
        }
      }
    } catch (IOException e) {
      System.err.println("bench: " + loadPlan.connections() + " connections ended: " + e);
    } finally {
      selector.keys().forEach(key -> close((SocketChannel) key.channel()));
      connected.forEach(ConnectionLoad::close);
    }
  }

  private void tick() throws IOException {
    int more = Math.min(OPENED_PER_TICK, loadPlan.connections() - opened);
    for (int i = 0; i < more; i++) {
      open();
    }
    if (loadPlan.isPaced()) {
      connected.forEach(channel -> read(channel, loadPlan.bytesPerSecond() * TICK_MILLIS / 1000));
    }
  }

  private void open() throws IOException {
    SocketChannel channel = SocketChannel.open();
    channel.configureBlocking(false);
    if (loadPlan.isPaced()) {
      channel.setOption(StandardSocketOptions.SO_RCVBUF, SMALL_BUFFER_BYTES);
    }
    // Choose the port here, because the kernel's search for a free port slows down over time.
    channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
    int port = FIRST_PORT + opened;
    String address = OpenLoopClient.otherLoopbackAddress(opened % loadPlan.addresses());
    opened++;
    try {
      channel.bind(new InetSocketAddress(address, port));
      channel.connect(front);
      channel.register(selector, SelectionKey.OP_CONNECT);
    } catch (IOException refused) {
      close(channel);
    }
  }

  private void handle(SelectionKey key) {
    SocketChannel channel = (SocketChannel) key.channel();
    if (key.isConnectable()) {
      finish(key, channel);
    } else {
      read(channel, LoadPlan.ALL);
    }
  }

  private void finish(SelectionKey key, SocketChannel channel) {
    try {
      channel.finishConnect();
      channel.write(ByteBuffer.wrap(loadPlan.text().getBytes(StandardCharsets.ISO_8859_1)));
      sent.incrementAndGet();
      connected.add(channel);
      key.interestOps(loadPlan.bytesPerSecond() == LoadPlan.ALL ? SelectionKey.OP_READ : 0);
    } catch (IOException refused) {
      close(channel);
    }
  }

  private void read(SocketChannel channel, int bytes) {
    if (!channel.isOpen()) {
      return;
    }
    try {
      buffer.clear().limit(Math.min(bytes, buffer.capacity()));
      if (channel.read(buffer) < 0) {
        close(channel);
      }
    } catch (IOException ended) {
      close(channel);
    }
  }

  private static void close(SocketChannel channel) {
    try {
      channel.close();
    } catch (IOException ignored) {
      // The server has closed the connection.
    }
  }

  @Override
  public void close() {
    closed = true;
    selector.wakeup();
    try {
      thread.join();
      selector.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException ignored) {
      // The connection is already closed.
    }
  }
}
