package io.dropserver.reconciler.source;

import io.dropserver.base.text.UnsafeCharacters;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Pattern;
import org.eclipse.jgit.transport.URIish;

/**
 * A checked URL of a Git repository: a path, {@code file://}, https or SSH, without a password.
 * Everything else that Git or JGit would accept ({@code ext::}, bundles, {@code git://}, {@code
 * s3:}) is refused.
 *
 * @param text as written; safe to show, because URLs that contain a secret are refused
 */
record RemoteUrl(String text, Transfer transfer, URIish uri) {
  /** The form {@code user@host:path} of a URL. */
  private static final Pattern SCP = Pattern.compile("[A-Za-z0-9._-]+@[A-Za-z0-9._-]+:[^:].*");

  enum Transfer {
    LOCAL,
    HTTP,
    SSH
  }

  /**
   * @throws SourceException when the URL is not accepted; the message omits a URL that may contain
   *     a secret
   */
  static RemoteUrl parse(String text) {
    if (text.isBlank() || text.startsWith("-") || UnsafeCharacters.NAME.isIn(text)) {
      throw new SourceException(
          "the Git URL is empty or has characters that are not allowed in a URL");
    }
    if (text.contains("::")) {
      throw new SourceException(
          "Git URLs that name a helper program (such as ext::) are refused; use https, ssh or a"
              + " path");
    }
    try {
      URIish uri = new URIish(text);
      refuseSecrets(text, uri);
      return new RemoteUrl(text, transferOf(text, uri), uri);
    } catch (URISyntaxException e) {
      // The exception's message repeats the URL, which may contain a password.
      throw new SourceException("the Git URL cannot be understood; use https, ssh or a path");
    }
  }

  private static void refuseSecrets(String text, URIish uri) {
    boolean http = text.toLowerCase(Locale.ROOT).startsWith("http");
    if (uri.getPass() != null || (http && (uri.getUser() != null || text.contains("?")))) {
      throw new SourceException(
          "the Git URL contains credentials; put them into a file named by repo.tokenFile or"
              + " repo.sshKeyFile in the host configuration");
    }
  }

  private static Transfer transferOf(String text, URIish uri) {
    String scheme = uri.getScheme();
    if (scheme == null) {
      if (text.startsWith("/")) {
        return Transfer.LOCAL;
      }
      if (SCP.matcher(text).matches()) {
        return Transfer.SSH;
      }
      throw new SourceException("the Git path \"" + text + "\" must be absolute");
    }
    return switch (scheme.toLowerCase(Locale.ROOT)) {
      case "file" -> Transfer.LOCAL;
      case "https" -> Transfer.HTTP;
      case "ssh" -> Transfer.SSH;
      case "http" -> {
        if (!isLoopback(uri.getHost())) {
          throw new SourceException(
              "http sends everything unencrypted to " + uri.getHost() + "; use https");
        }
        yield Transfer.HTTP;
      }
      default ->
          throw new SourceException(
              "Git URLs with " + scheme + ":// are refused; use https, ssh, file or a path");
    };
  }

  private static boolean isLoopback(String host) {
    return host.equals("localhost") || host.equals("127.0.0.1") || host.equals("[::1]");
  }

  /**
   * Returns whether the other URL has the same scheme, host and port. Credentials are sent only to
   * that server.
   */
  boolean sameServer(URIish other) {
    return uri.getScheme().equalsIgnoreCase(other.getScheme())
        && uri.getHost().equalsIgnoreCase(other.getHost())
        && uri.getPort() == other.getPort();
  }

  /**
   * Checks that a local remote is a readable folder, because JGit would also read a bundle file.
   */
  void requireReadable() {
    if (transfer != Transfer.LOCAL) {
      return;
    }
    Path folder = Path.of(uri.getPath());
    if (!Files.isDirectory(folder)) {
      throw new SourceException("the folder " + folder + " does not exist");
    }
    if (!Files.isReadable(folder)) {
      throw new SourceException(
          "the folder " + folder + " is not readable for " + System.getProperty("user.name"));
    }
  }
}
