package io.dropserver.cli.app;

import io.dropserver.base.text.VisibleText;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Recognises files whose names are usual for credentials. An author publishes a package, and a
 * published secret cannot be taken back.
 */
final class SecretFiles {
  private static final int SHOWN = 5;
  private static final Pattern NAME =
      Pattern.compile(
          "\\.env(?:\\.(?!(?:example|sample|template|dist)$).+)?"
              + "|\\.npmrc|\\.netrc|\\.pgpass|\\.htpasswd|\\.git-credentials"
              + "|id_(?:rsa|dsa|ecdsa|ed25519)"
              + "|.+\\.(?:pem|key|p12|pfx|jks|kdbx)",
          Pattern.CASE_INSENSITIVE);

  private SecretFiles() {}

  /** Returns whether the name of a file is usual for credentials. */
  static boolean contains(String path) {
    return NAME.matcher(path.substring(path.lastIndexOf('/') + 1)).matches();
  }

  /** Returns a warning about such files in a package; empty if there are none. */
  static Optional<String> warning(List<String> paths) {
    if (paths.isEmpty()) {
      return Optional.empty();
    }
    String names = String.join(", ", paths.subList(0, Math.min(SHOWN, paths.size())));
    int more = paths.size() - SHOWN;
    String all = more > 0 ? names + " and " + more + " more" : names;
    return Optional.of(
        "warning: the package contains %s; if they are secrets, name them in .gitignore and pack again"
            .formatted(VisibleText.line(all)));
  }
}
