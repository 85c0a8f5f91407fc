package io.dropserver.web.people;

import io.dropserver.schema.concurrent.WakeableLoop;
import io.dropserver.schema.instance.User.Channel;
import io.dropserver.schema.state.StateDatabase;
import io.dropserver.web.people.DeliveryQueue.Delivery;
import io.dropserver.web.people.NotificationStore.Stored;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Sends messages of apps to the channels of their users. Slow channels do not delay others.
 * Thread-safe.
 */
public final class Deliveries implements PeopleApi.Outbox, AutoCloseable {
  /** The number of messages that are sent at the same time. */
  private static final int AT_ONCE = 8;

  private static final Duration SHORTEST_PAUSE = Duration.ofMillis(200);

  private static final Duration UNTIL_PUBLISHED = Duration.ofSeconds(1);

  /** How often old messages are deleted. */
  private static final Duration LONGEST_PAUSE = Duration.ofHours(1);

  private final NotificationStore store;
  private final DeliveryQueue queue;
  private final Members members;
  private final Ports ports;
  private final InstantSource clock;
  private final Semaphore places = new Semaphore(AT_ONCE);
  private final WakeableLoop loop = new WakeableLoop("notifications-of-apps");

  /**
   * What this class needs from the server.
   *
   * @param channels returns the channels of a user of the served revision
   * @param post sends a request
   * @param shellUrl returns the URL of the shell, without a trailing slash
   * @param report receives a failure for each user whose messages are not delivered; empty if all
   *     are
   */
  public record Ports(
      Function<String, List<Channel>> channels,
      Post post,
      Supplier<String> shellUrl,
      Consumer<Map<String, String>> report) {}

  /** Sends a request to a URL that a person chose. */
  @FunctionalInterface
  public interface Post {
    /**
     * @return the status
     * @throws IOException with a sentence that contains no secret
     */
    int post(String url, Map<String, String> headers, byte[] body) throws IOException;
  }

  public Deliveries(
      NotificationStore store,
      StateDatabase database,
      Members members,
      Ports ports,
      InstantSource clock) {
    this.store = store;
    this.queue = new DeliveryQueue(database, clock);
    this.members = members;
    this.ports = ports;
    this.clock = clock;
  }

  public Deliveries start() {
    loop.start(this::run);
    return this;
  }

  @Override
  public List<String> channels(String user) {
    return ports.channels().apply(user).stream().map(Channel::text).toList();
  }

  @Override
  public void wake() {
    loop.wake();
  }

  /** Sends what is due, once. Returns the time until more may be due. */
  Duration run() throws InterruptedException {
    if (!members.arePublished()) {
      // The channels are not known yet.
      return UNTIL_PUBLISHED;
    }
    store.deleteOld();
    queue.removeLate();
    List<Callable<Boolean>> tasks = new ArrayList<>();
    for (Delivery delivery : queue.due()) {
      tasks.add(() -> deliver(delivery));
    }
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      threads.invokeAll(tasks);
    }
    ports.report().accept(queue.failures());
    return queue
        .next()
        .map(due -> Duration.between(clock.instant(), due))
        .map(pause -> pause.compareTo(SHORTEST_PAUSE) < 0 ? SHORTEST_PAUSE : pause)
        .filter(pause -> pause.compareTo(LONGEST_PAUSE) < 0)
        .orElse(LONGEST_PAUSE);
  }

  private boolean deliver(Delivery delivery) throws InterruptedException {
    Optional<Channel> channel =
        ports.channels().apply(delivery.user()).stream()
            .filter(each -> each.text().equals(delivery.channel()))
            .findFirst();
    Optional<Outgoing> outgoing = store.find(delivery.notification()).flatMap(this::outgoing);
    if (channel.isEmpty() || outgoing.isEmpty()) {
      queue.remove(delivery);
      return false;
    }
    places.acquire();
    try {
      channel(channel.get()).send(outgoing.get());
      queue.remove(delivery);
      return true;
    } catch (IOException e) {
      queue.postpone(delivery, ChannelSender.name(channel.get()) + ": " + e.getMessage());
      return false;
    } finally {
      places.release();
    }
  }

  private ChannelSender channel(Channel channel) {
    return new ChannelSender(channel, ports.post());
  }

  /** Returns what is sent; empty if the user may not enter the appspace any more. */
  private Optional<Outgoing> outgoing(Stored stored) {
    return members
        .ofIdentity(stored.appspace())
        .filter(site -> site.members().containsKey(stored.user()))
        .map(
            site ->
                new Outgoing(
                    site.appspace(),
                    stored.title(),
                    stored.body(),
                    ports.shellUrl().get() + NotificationPages.path(stored.id())));
  }

  /**
   * A message on its way.
   *
   * @param appspace the current name
   * @param url opens the message in the shell
   */
  record Outgoing(String appspace, String title, String body, String url) {}

  @Override
  public void close() {
    loop.close();
  }
}
