package io.dropserver.reconciler.source;

import io.dropserver.schema.instance.SourceTree;
import java.time.Duration;
import java.util.Optional;

/** What a look at the remote found. In every case but {@link Moved} what is served stays served. */
public sealed interface PollResult {

  /**
   * The head is the one that the last {@link Moved} handed over, or the one in service.
   *
   * @param head 40 hex digits
   */
  record Unchanged(String head) implements PollResult {}

  /** A new head that may be validated and applied. */
  record Moved(Revision revision, SourceTree tree) implements PollResult {}

  /**
   * The remote answered and what it holds must not be served. Repeated by each poll until the
   * remote changes or a person accepts it.
   *
   * @param seen 40 hex digits of the head, where there is one
   * @param message what is wrong, for a condition
   * @param remedy what a person can do
   */
  record Refused(RefusalReason reason, Optional<String> seen, String message, String remedy)
      implements PollResult {}

  /**
   * The remote did not answer, or not in time, or does not let us in.
   *
   * @param message names the remote without credentials
   * @param retryAfter what the remote asked for
   */
  record Unreachable(
      UnreachableReason reason, String message, String remedy, Optional<Duration> retryAfter)
      implements PollResult {}

  /** Why a head is not served. */
  enum RefusalReason {
    /** It does not descend from the revision in service. */
    SOURCE_REWRITTEN("SourceRewritten"),
    /** The remote has branches, but not the followed one. */
    BRANCH_MISSING("BranchMissing"),
    /** The repository has no commit, or the head's tree has no file. */
    SOURCE_EMPTY("SourceEmpty"),
    /** No signature of an allowed key. */
    SIGNATURE_INVALID("SignatureInvalid"),
    /** An object is malformed or missing, or a bound is exceeded. */
    SOURCE_INVALID("SourceInvalid");

    private final String condition;

    RefusalReason(String condition) {
      this.condition = condition;
    }

    /** The reason as conditions spell it. */
    public String condition() {
      return condition;
    }
  }

  /** Why the remote cannot be read. */
  enum UnreachableReason {
    /** No connection, no answer in time, or an error of the server. */
    SOURCE_UNREACHABLE("SourceUnreachable"),
    /** The credentials are missing or refused. */
    AUTHENTICATION_FAILED("AuthenticationFailed"),
    /** The server's ssh key is not in the known_hosts file, or not the one there. */
    HOST_KEY_REFUSED("HostKeyRefused");

    private final String condition;

    UnreachableReason(String condition) {
      this.condition = condition;
    }

    /** The reason as conditions spell it. */
    public String condition() {
      return condition;
    }
  }
}
