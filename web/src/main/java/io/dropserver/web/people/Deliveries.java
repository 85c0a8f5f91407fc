package io.dropserver.web.people;

import io.dropserver.schema.concurrent.WakeableLoop;
import io.dropserver.schema.instance.User.Channel;
import io.dropserver.schema.state.StateDatabase;
import io.dropserver.web.people.DeliveryQueue.Delivery;
import io.dropserver.web.people.NotificationStore.Stored;
import io.dropserver.web.push.WebPush;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends messages of apps to the channels of their users. A run ends when each of its requests has
 * ended, so slow channels delay others by the time limit of a request, for each {@link #AT_ONCE}
 * slow ones; each failure doubles the pause of its channel. Thread-safe.
 */
public final class Deliveries implements PeopleApi.Outbox, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Deliveries.class);

  /** The number of messages that are sent at the same time. */
  private static final int AT_ONCE = 8;

  /** Precedes the id of a subscription in the name of its channel. */
  private static final String BROWSER = "browser ";

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
   * @param mail sends mail; empty if the host's configuration has no mail server
   * @param push sends to browsers that subscribed
   * @param shellUrl returns the URL of the shell, without a trailing slash
   * @param report receives a failure for each user whose messages are not delivered; empty if all
   *     are
   */
  public record Ports(
      Function<String, List<Channel>> channels,
      Post post,
      Optional<MailSender> mail,
      WebPush push,
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
    return Stream.concat(
            ports.channels().apply(user).stream().map(Channel::text),
            ports.push().subscriptions(user).stream().map(id -> BROWSER + id))
        .toList();
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
    store.retainUsers(members::isUser);
    queue.removeLate();
    List<Callable<Boolean>> tasks = new ArrayList<>();
    for (Delivery delivery : queue.due()) {
      tasks.add(() -> deliver(delivery));
    }
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      requireRecorded(threads.invokeAll(tasks));
    }
    ports.report().accept(queue.failures());
    return queue
        .next()
        .map(due -> Duration.between(clock.instant(), due))
        .map(pause -> pause.compareTo(SHORTEST_PAUSE) < 0 ? SHORTEST_PAUSE : pause)
        .filter(pause -> pause.compareTo(LONGEST_PAUSE) < 0)
        .orElse(LONGEST_PAUSE);
  }

  /**
   * Makes the loop pause if a result could not be stored, for example on a full disk. Otherwise the
   * same message would be sent again in each run.
   */
  private static void requireRecorded(List<Future<Boolean>> deliveries)
      throws InterruptedException {
    for (Future<Boolean> each : deliveries) {
      try {
        Boolean _ = each.get();
      } catch (ExecutionException e) {
        throw new IllegalStateException("the result of a delivery cannot be stored", e);
      }
    }
  }

  private boolean deliver(Delivery delivery) throws InterruptedException {
    Optional<Target> channel = target(delivery);
    Optional<Outgoing> outgoing = store.find(delivery.notification()).flatMap(this::outgoing);
    if (channel.isEmpty() || outgoing.isEmpty()) {
      queue.remove(delivery);
      return false;
    }
    Optional<String> failure = send(outgoing.get(), channel.get());
    if (failure.isPresent()) {
      queue.postpone(delivery, channel.get().name() + ": " + failure.get());
    } else {
      queue.remove(delivery);
    }
    return failure.isEmpty();
  }

  /**
   * A channel, or the subscription of a browser.
   *
   * @param name for conditions
   */
  private record Target(String name, Sender sender) {}

  private interface Sender {
    void send(Outgoing message) throws IOException;
  }

  /** Returns where a delivery goes; empty if the user has no such channel any more. */
  private Optional<Target> target(Delivery delivery) {
    if (delivery.channel().startsWith(BROWSER)) {
      String id = delivery.channel().substring(BROWSER.length());
      return ports.push().subscriptions(delivery.user()).contains(id)
          ? Optional.of(new Target("a browser", message -> push(delivery.user(), id, message)))
          : Optional.empty();
    }
    return ports.channels().apply(delivery.user()).stream()
        .filter(each -> each.text().equals(delivery.channel()))
        .findFirst()
        .map(
            channel ->
                new Target(
                    ChannelSender.name(channel),
                    new ChannelSender(channel, ports.post(), ports.mail())::send));
  }

  private void push(String user, String id, Outgoing message) throws IOException {
    Duration age = Duration.between(message.created(), clock.instant());
    ports
        .push()
        .send(
            user,
            id,
            BrowserMessage.of(message),
            DeliveryQueue.GIVES_UP_AFTER.minus(age),
            ports.post()::post);
  }

  /** Returns why a channel did not accept a message; empty if it did. */
  private Optional<String> send(Outgoing message, Target channel) throws InterruptedException {
    places.acquire();
    try {
      channel.sender().send(message);
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      LOG.warn("a message to {} was not sent", channel.name(), withoutMessage(e));
      return Optional.of("the message could not be sent; see the log of the server");
    } finally {
      places.release();
    }
  }

  /** Returns where a failure happened. Its message may contain the URL, which is often a secret. */
  private static RuntimeException withoutMessage(RuntimeException failure) {
    RuntimeException shown = new RuntimeException(failure.getClass().getName());
    shown.setStackTrace(failure.getStackTrace());
    return shown;
  }

  /** Returns what is sent; empty if the user may not enter the appspace any more. */
  private Optional<Outgoing> outgoing(Stored stored) {
    return members
        .ofIdentity(stored.appspace())
        .filter(site -> site.members().containsKey(stored.user()))
        .map(
            site ->
                new Outgoing(
                    stored.id(),
                    stored.created(),
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
  record Outgoing(
      String id, Instant created, String appspace, String title, String body, String url) {}

  @Override
  public void close() {
    loop.close();
  }
}
