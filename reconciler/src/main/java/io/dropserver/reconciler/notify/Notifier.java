package io.dropserver.reconciler.notify;

import io.dropserver.control.InstanceView;
import io.dropserver.reconciler.converge.Backoff;
import io.dropserver.reconciler.status.ServerState;
import io.dropserver.reconciler.status.Settings;
import io.dropserver.schema.host.HostConfig.CommandReceiver;
import io.dropserver.schema.host.HostConfig.Receiver;
import io.dropserver.schema.host.HostConfig.WebhookReceiver;
import io.dropserver.state.StateDatabase;
import io.dropserver.state.condition.ConditionType;
import io.dropserver.state.condition.InstanceReason;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Collects alerts every few seconds and sends each receiver those that it has not received yet. A
 * failed delivery is retried with backoff and reported in a condition. Delivery is at least once: a
 * crash between sending and recording causes a duplicate. Thread-safe.
 */
public final class Notifier implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Notifier.class);
  private static final Duration INTERVAL = Duration.ofSeconds(10);

  private final InstanceView view;
  private final ServerState server;
  private final Backoff backoff;
  private final Clock clock;
  private final List<ReceiverState> receiverStates = new ArrayList<>();
  private final Thread thread;

  /** The delivery state of one receiver. */
  private static final class ReceiverState {
    final NotificationChannel messenger;
    final SentAlerts sent;
    int failures;
    Instant failedAt = Instant.MIN;
    Instant notBefore = Instant.MIN;
    Optional<String> failure = Optional.empty();

    ReceiverState(NotificationChannel notificationChannel, SentAlerts sentAlerts) {
      this.messenger = notificationChannel;
      this.sent = sentAlerts;
    }

    /** A failure at a later date was before the date was set back, and delays nothing. */
    boolean isWaiting(Instant now) {
      return now.isBefore(notBefore) && !now.isBefore(failedAt);
    }
  }

  /**
   * @param receivers may be empty, which disables notifications
   */
  public Notifier(
      List<Receiver> receivers,
      InstanceView view,
      ServerState server,
      StateDatabase database,
      Backoff backoff,
      Clock clock) {
    this.view = view;
    this.server = server;
    this.backoff = backoff;
    this.clock = clock;
    Settings settings = new Settings(database);
    for (Receiver receiver : receivers) {
      NotificationChannel notificationChannel =
          switch (receiver) {
            case WebhookReceiver webhook -> new WebhookChannel(webhook);
            case CommandReceiver(List<String> command) -> new CommandChannel(command);
          };
      SentAlerts sentAlerts =
          new SentAlerts(
              settings, receiverStates.size() + " " + notificationChannel.name(), clock.instant());
      receiverStates.add(new ReceiverState(notificationChannel, sentAlerts));
    }
    thread = Thread.ofVirtual().name("notifications").unstarted(this::run);
  }

  public Notifier start() {
    if (receiverStates.isEmpty()) {
      server.clear(ConditionType.NOTIFICATIONS_FAILING);
    } else {
      thread.start();
    }
    return this;
  }

  private void run() {
    try {
      while (true) {
        Thread.sleep(INTERVAL);
        checkOnce();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Collects the alerts once and sends each receiver those that are due. */
  void checkOnce() throws InterruptedException {
    try {
      List<Alert> alerts = AlertCollector.of(view, clock.instant());
      for (ReceiverState receiverState : receiverStates) {
        send(receiverState, alerts);
      }
      updateCondition();
    } catch (RuntimeException e) {
      LOG.error("notifications: collecting alerts failed; retrying", e);
    }
  }

  private void send(ReceiverState receiverState, List<Alert> alerts) throws InterruptedException {
    List<Alert> news = receiverState.sent.unsent(alerts, clock.instant());
    if (news.isEmpty() || receiverState.isWaiting(clock.instant())) {
      return;
    }
    try {
      receiverState.messenger.send(Notification.of(news));
      receiverState.sent.markSent(news, clock.instant());
      receiverState.failures = 0;
      receiverState.failure = Optional.empty();
    } catch (IOException | IllegalArgumentException e) {
      receiverState.failedAt = clock.instant();
      receiverState.notBefore =
          receiverState.failedAt.plus(backoff.after(++receiverState.failures));
      receiverState.failure = Optional.of(receiverState.messenger.name() + ": " + reason(e));
    }
  }

  private static String reason(Exception e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  private void updateCondition() {
    List<String> failures =
        receiverStates.stream().flatMap(receiverState -> receiverState.failure.stream()).toList();
    if (failures.isEmpty()) {
      server.clear(ConditionType.NOTIFICATIONS_FAILING);
    } else {
      String message =
          "notifications are not delivered: %s; correct `notify` in the host's configuration; the server retries automatically"
              .formatted(String.join("; ", failures));
      server.set(ConditionType.NOTIFICATIONS_FAILING, InstanceReason.NOT_DELIVERED, message);
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
