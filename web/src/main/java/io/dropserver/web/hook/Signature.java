package io.dropserver.web.hook;

import io.dropserver.schema.host.HostConfig.Forge;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.eclipse.jetty.http.HttpFields;
import org.jspecify.annotations.Nullable;

/** Whether a delivery comes from somebody who knows a secret. */
final class Signature {
  private static final String ALGORITHM = "HmacSHA256";

  private Signature() {}

  /** Compares in constant time, with every secret whether or not an earlier one fits. */
  static boolean valid(Forge forge, HttpFields headers, byte[] body, List<String> secrets) {
    boolean valid = false;
    for (String secret : secrets) {
      if (!secret.isEmpty()) {
        valid |= matches(forge, headers, body, secret);
      }
    }
    return valid;
  }

  private static boolean matches(Forge forge, HttpFields headers, byte[] body, String secret) {
    return switch (forge) {
      case GITHUB -> sameHex(headers.get("X-Hub-Signature-256"), "sha256=", body, secret);
      case GITEA -> sameHex(headers.get("X-Gitea-Signature"), "", body, secret);
      case FORGEJO -> {
        String own = headers.get("X-Forgejo-Signature");
        yield sameHex(own == null ? headers.get("X-Gitea-Signature") : own, "", body, secret);
      }
      case GITLAB -> same(headers.get("X-Gitlab-Token"), secret);
      case NONE -> false;
    };
  }

  private static boolean sameHex(
      @Nullable String header, String prefix, byte[] body, String secret) {
    return same(header, prefix + hmac(body, secret));
  }

  private static boolean same(@Nullable String given, String wanted) {
    byte[] said = (given == null ? "" : given).getBytes(StandardCharsets.UTF_8);
    return MessageDigest.isEqual(said, wanted.getBytes(StandardCharsets.UTF_8));
  }

  static String hmac(byte[] body, String secret) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), ALGORITHM));
      return HexFormat.of().formatHex(mac.doFinal(body));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has " + ALGORITHM, e);
    }
  }
}
