package io.dropserver.web.hook;

import io.dropserver.base.text.Sha256;
import io.dropserver.schema.host.HostConfig.Forge;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import javax.crypto.Mac;
import org.eclipse.jetty.http.HttpFields;

/** Reads and compares the signatures or tokens that authenticate deliveries. Thread-safe. */
final class Signature {
  private Signature() {}

  /** Returns the signature or token in the headers; empty if it is missing. */
  static Optional<String> fromHeaders(Forge forge, HttpFields headers) {
    return switch (forge) {
      case GITHUB ->
          Optional.ofNullable(headers.get("X-Hub-Signature-256"))
              .filter(text -> text.startsWith("sha256="))
              .map(text -> text.substring("sha256=".length()));
      case GITEA -> Optional.ofNullable(headers.get("X-Gitea-Signature"));
      case FORGEJO ->
          Optional.ofNullable(headers.get("X-Forgejo-Signature"))
              .or(() -> Optional.ofNullable(headers.get("X-Gitea-Signature")));
      case GITLAB -> Optional.ofNullable(headers.get("X-Gitlab-Token"));
      case NONE -> Optional.empty();
    };
  }

  /** Returns whether the forge sends an HMAC of the body. GitLab sends the secret itself. */
  static boolean coversBody(Forge forge) {
    return switch (forge) {
      case GITHUB, GITEA, FORGEJO -> true;
      case GITLAB, NONE -> false;
    };
  }

  /** Returns whether the given value equals a wanted one. Compares all of them in constant time. */
  static boolean matchesAny(String given, List<String> wanted) {
    boolean matches = false;
    for (String each : wanted) {
      matches |=
          MessageDigest.isEqual(
              given.getBytes(StandardCharsets.UTF_8), each.getBytes(StandardCharsets.UTF_8));
    }
    return matches;
  }

  /**
   * @param secret not empty
   */
  static Mac mac(String secret) {
    return Sha256.newMac(secret.getBytes(StandardCharsets.UTF_8));
  }

  /** Returns the MAC in lower-case hexadecimal digits, and resets {@code mac}. */
  static String hex(Mac mac) {
    return HexFormat.of().formatHex(mac.doFinal());
  }
}
