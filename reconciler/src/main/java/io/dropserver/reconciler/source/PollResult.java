package io.dropserver.reconciler.source;

import io.dropserver.schema.instance.SourceTree;
import java.time.Duration;
import java.util.Optional;

/**
 * The result of polling the remote. In every case except {@link Moved}, the served revision stays
 * in service.
 */
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
   * The remote answered, but its content must not be served. Each poll repeats this until the
   * remote changes or an operator accepts the head.
   *
   * @param seen the head, 40 hex digits, if there is one
   * @param message what is wrong, for a condition
   * @param remedy what a person can do
   */
  record Refused(RefusalReason reason, Optional<String> seen, String message, String remedy)
      implements PollResult {}

  /**
   * The remote did not answer in time, or refused access.
   *
   * @param message names the remote without credentials
   * @param retryAfter delay that the remote asked for
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
    /** No allowed key has signed it. */
    SIGNATURE_INVALID("SignatureInvalid"),
    /** An object is malformed or missing, or a limit is exceeded. */
    SOURCE_INVALID("SourceInvalid");

    private final String condition;

    RefusalReason(String condition) {
      this.condition = condition;
    }

    /** The reason as it appears in conditions. */
    public String condition() {
      return condition;
    }
  }

  /** Why the remote cannot be read. */
  enum UnreachableReason {
    /** No connection, no answer in time, or a server error. */
    SOURCE_UNREACHABLE("SourceUnreachable"),
    /** The credentials are missing or refused. */
    AUTHENTICATION_FAILED("AuthenticationFailed"),
    /** The server's SSH key is not in the known_hosts file, or differs from the one there. */
    HOST_KEY_REFUSED("HostKeyRefused");

    private final String condition;

    UnreachableReason(String condition) {
      this.condition = condition;
    }

    /** The reason as it appears in conditions. */
    public String condition() {
      return condition;
    }
  }
}
