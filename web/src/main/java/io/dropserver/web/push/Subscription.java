package io.dropserver.web.push;

import java.net.URI;
import java.net.URISyntaxException;
import java.security.InvalidKeyException;
import java.security.interfaces.ECPublicKey;
import java.util.Base64;
import java.util.Locale;

/**
 * What a browser tells about its push service, W3C Push API.
 *
 * @param endpoint the URL to which messages are posted; a secret
 * @param publicKey of the browser
 * @param auth a secret of 16 bytes, as base64url
 */
public record Subscription(URI endpoint, ECPublicKey publicKey, String auth) {
  static final int MAX_ENDPOINT = 1_000;
  static final int AUTH = 16;

  /** Says what is wrong with a subscription. */
  public static final class InvalidSubscriptionException extends Exception {
    private static final long serialVersionUID = 1;

    InvalidSubscriptionException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * Checks the values of a form.
   *
   * @param publicKey and {@code auth}: base64url without padding
   * @throws InvalidSubscriptionException when no browser sends such values
   */
  public static Subscription parse(String endpoint, String publicKey, String auth)
      throws InvalidSubscriptionException {
    try {
      if (Base64.getUrlDecoder().decode(auth).length != AUTH) {
        throw new IllegalArgumentException("auth has 16 bytes");
      }
      return new Subscription(
          url(endpoint), P256.publicKey(Base64.getUrlDecoder().decode(publicKey)), auth);
    } catch (IllegalArgumentException | InvalidKeyException | URISyntaxException e) {
      throw new InvalidSubscriptionException("this is not a subscription of a browser", e);
    }
  }

  byte[] secret() {
    return Base64.getUrlDecoder().decode(auth);
  }

  /** Accepts only https: the endpoint is a secret. */
  private static URI url(String text) throws URISyntaxException {
    URI url = new URI(text);
    if (text.length() > MAX_ENDPOINT
        || !text.startsWith("https://")
        || url.getHost() == null
        || url.getRawUserInfo() != null
        || url.getRawFragment() != null
        || !text.equals(url.toASCIIString())
        || !url.getHost().equals(url.getHost().toLowerCase(Locale.ROOT))) {
      throw new URISyntaxException("endpoint", "not a URL of a push service");
    }
    return url;
  }
}
