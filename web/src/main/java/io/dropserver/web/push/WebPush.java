package io.dropserver.web.push;

import io.dropserver.state.StateDatabase;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.function.Supplier;

/** Sends messages to the browsers of users, RFC 8030. Thread-safe. */
public final class WebPush {
  private static final SecureRandom RANDOM = new SecureRandom();

  private final VapidKey key;
  private final SubscriptionStore store;
  private final Supplier<String> shellUrl;
  private final InstantSource clock;

  /** Sends a request past the guard of addresses. */
  @FunctionalInterface
  public interface Post {
    /**
     * @return the status
     * @throws IOException with a sentence that contains no secret
     */
    int post(String url, Map<String, String> headers, byte[] body) throws IOException;
  }

  /**
   * @param activeSession whether a user has an active session with an id
   * @param shellUrl returns the URL of the shell, at which push services find the operator
   */
  public WebPush(
      VapidKey key,
      StateDatabase database,
      BiPredicate<String, String> activeSession,
      Supplier<String> shellUrl,
      InstantSource clock) {
    this.key = key;
    this.store = new SubscriptionStore(database, clock, activeSession);
    this.shellUrl = shellUrl;
    this.clock = clock;
  }

  /**
   * Stores a subscription. It ends with the session.
   *
   * @param session the id of the session of the browser
   */
  public void subscribe(String user, String session, Subscription subscription) {
    store.add(user, session, subscription);
  }

  /** Removes a subscription of a user, if it exists. */
  void unsubscribe(String user, Subscription subscription) {
    store.remove(user, subscription);
  }

  String publicKey() {
    return key.publicKey();
  }

  /** Returns the ids of a user's subscriptions. */
  public List<String> subscriptions(String user) {
    return store.of(user);
  }

  /** Returns the host of the push service of a subscription; empty if it does not exist. */
  public Optional<String> host(String user, String id) {
    return store.find(user, id).map(subscription -> subscription.endpoint().getHost());
  }

  /**
   * Sends a message to a browser. Removes the subscription if the push service does not know it any
   * more.
   *
   * @param message at most {@link #maxBytes()} bytes
   * @param timeToLive how long the push service keeps the message for a browser that is offline
   * @throws IOException when the push service does not accept the message, with a sentence without
   *     secrets
   */
  public void send(String user, String id, byte[] message, Duration timeToLive, Post through)
      throws IOException {
    Optional<Subscription> found = store.find(user, id);
    if (found.isEmpty()) {
      return;
    }
    Subscription subscription = found.get();
    int status =
        through.post(
            subscription.endpoint().toString(),
            headers(subscription, timeToLive),
            encrypted(subscription, message));
    if (status == 404 || status == 410) {
      store.remove(id);
    } else if (status / 100 != 2) {
      throw new IOException("the push service responded with status " + status);
    }
  }

  public static int maxBytes() {
    return MessageEncryption.MAX_PLAINTEXT;
  }

  private static byte[] encrypted(Subscription subscription, byte[] message) {
    byte[] salt = new byte[MessageEncryption.SALT];
    RANDOM.nextBytes(salt);
    try {
      return MessageEncryption.encrypt(
          message, subscription.publicKey(), subscription.secret(), P256.generate(), salt);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java platform cannot encrypt for Web Push", e);
    }
  }

  private Map<String, String> headers(Subscription subscription, Duration timeToLive) {
    Map<String, String> headers = new LinkedHashMap<>();
    try {
      headers.put(
          "Authorization",
          key.authorization(subscription.endpoint(), shellUrl.get(), clock.instant()));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java platform cannot sign for Web Push", e);
    }
    headers.put("Content-Encoding", "aes128gcm");
    headers.put("Content-Type", "application/octet-stream");
    headers.put("TTL", Long.toString(Math.max(0, timeToLive.toSeconds())));
    headers.put("Urgency", "normal");
    return headers;
  }
}
