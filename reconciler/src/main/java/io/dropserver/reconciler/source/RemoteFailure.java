package io.dropserver.reconciler.source;

import io.dropserver.base.text.ShortText;
import io.dropserver.state.condition.InstanceReason;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.eclipse.jgit.errors.CorruptObjectException;
import org.eclipse.jgit.errors.MissingObjectException;
import org.eclipse.jgit.errors.TooLargePackException;

/** Converts exceptions of JGit into results with a message and a remedy for the operator. */
final class RemoteFailure {
  private RemoteFailure() {}

  static PollResult of(Throwable failure, Remote remote) {
    List<Throwable> causes = causes(failure);
    String text = withoutUrl(text(causes), remote.url());
    if (anyOf(causes, CorruptObjectException.class)
        || anyOf(causes, MissingObjectException.class)
        || anyOf(causes, TooLargePackException.class)) {
      return new PollResult.Refused(
          InstanceReason.SOURCE_INVALID,
          Optional.empty(),
          remote.url().text() + " sent objects that this server refuses: " + text,
          "run git fsck --strict in the repository, fix what it reports and push again");
    }
    if (UntrustedCertificate.isCauseOf(failure)) {
      return unreachable(
          remote,
          InstanceReason.SOURCE_UNREACHABLE,
          "the certificate of " + remote.url().text() + " is not trusted: " + text,
          UntrustedCertificate.REMEDY);
    }
    String lower = text.toLowerCase(Locale.ROOT);
    if (lower.contains("server key did not validate")
        || lower.contains("host key")
        || lower.contains("known_hosts")) {
      return unreachable(
          remote,
          InstanceReason.HOST_KEY_REFUSED,
          "the ssh host key of " + remote.url().text() + " is not the one in the known_hosts file",
          "compare the server's fingerprint with a trusted source, then correct the file named by"
              + " repo.knownHostsFile");
    }
    if (lower.contains("not authorized")
        || lower.contains("auth fail")
        || lower.contains("authentication not supported") // Gitea: 401 without a challenge
        || lower.contains("authentication is required")
        || lower.contains("no more authentication methods")
        || lower.contains("cannot log in")
        || lower.contains("not permitted")) {
      return unreachable(
          remote,
          InstanceReason.AUTHENTICATION_FAILED,
          remote.url().text() + " refuses this server's credentials",
          remote
              .credentials()
              .map(
                  file ->
                      "check the credentials in %s: they may be wrong, expired or without access to the repository"
                          .formatted(file))
              .orElse(
                  "name a token or an ssh key of a user with access to the repository in the host"
                      + " configuration"));
    }
    return unreachable(remote, text);
  }

  static PollResult unreachable(Remote remote, String why) {
    return unreachable(
        remote,
        InstanceReason.SOURCE_UNREACHABLE,
        remote.url().text() + " cannot be read: " + why,
        "check the address and the network from this machine with git ls-remote");
  }

  private static PollResult unreachable(
      Remote remote, InstanceReason reason, String message, String remedy) {
    return new PollResult.Unreachable(reason, message, remedy, remote.retryAfter());
  }

  /** Removes the URL with which JGit begins its messages, because each message here names it. */
  private static String withoutUrl(String text, RemoteUrl url) {
    return text.replace(url.uri().toString() + ": ", "").replace(url.text() + ": ", "");
  }

  private static boolean anyOf(List<Throwable> causes, Class<? extends Throwable> type) {
    return causes.stream().anyMatch(type::isInstance);
  }

  private static List<Throwable> causes(Throwable failure) {
    List<Throwable> causes = new ArrayList<>();
    for (Throwable at = failure; at != null && causes.size() < 10; at = at.getCause()) {
      causes.add(at);
    }
    return causes;
  }

  /** Joins the distinct messages of all causes in one line, outermost first. */
  private static String text(List<Throwable> causes) {
    List<String> parts = new ArrayList<>();
    for (Throwable cause : causes) {
      String part = FailureText.of(cause);
      if (parts.stream().noneMatch(earlier -> earlier.contains(part))) {
        parts.add(part);
      }
    }
    return ShortText.of(String.join(": ", parts), 500);
  }
}
