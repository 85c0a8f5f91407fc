package io.dropserver.web.hook;

import io.dropserver.schema.host.HostConfig.Forge;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.eclipse.jetty.http.HttpFields;

/** How a forge proves that a delivery is its own. */
final class Signature {
  private static final String ALGORITHM = "HmacSHA256";

  private Signature() {}

  /** What the client gave as its proof; empty when there is nothing that could be one. */
  static Optional<String> given(Forge forge, HttpFields headers) {
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

  /** Whether the proof is a hash of the body, or else a secret by itself. */
  static boolean coversBody(Forge forge) {
    return switch (forge) {
      case GITHUB, GITEA, FORGEJO -> true;
      case GITLAB, NONE -> false;
    };
  }

  /** Compares in constant time, with every one whether or not an earlier one fits. */
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
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), ALGORITHM));
      return mac;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has " + ALGORITHM, e);
    }
  }

  /** Lower case. */
  static String hex(Mac mac) {
    return HexFormat.of().formatHex(mac.doFinal());
  }
}
