package io.dropserver.reconciler.source;

import io.dropserver.reconciler.source.ConfigSource.Snapshot;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.NullProgressMonitor;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Ref;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.transport.FetchConnection;
import org.eclipse.jgit.transport.PushResult;
import org.eclipse.jgit.transport.RemoteRefUpdate;
import org.eclipse.jgit.transport.Transport;

/**
 * The config repository's remote, opened for writing with credentials of its own. A branch is only
 * ever moved from where it was seen last, and the followed one only forward. Thread-safe.
 *
 * <p>Every method throws {@link WriteException} when the remote does not answer or refuses.
 */
public final class WriteRemote implements AutoCloseable {
  private static final Pattern PULL = Pattern.compile("refs/pull/[0-9]+/head");
  private static final String LOOKED_AT = "refs/dropserver/written/";

  private final GitSource source;
  private final Remote remote;
  private final GitSettings settings;
  private final InstantSource clock;
  private final PushStyle style;
  private final Optional<SigningKey> signing;

  /** Pushes branches only, and signs nothing. */
  public WriteRemote(
      GitSource source, GitSettings settings, RemoteAccess access, InstantSource clock) {
    this(source, settings, access, PushStyle.BRANCHES, Optional.empty(), clock);
  }

  /**
   * @param access with write credentials; nothing of the reading side's is used
   * @param signingKey OpenSSH private key that signs what is committed here
   */
  public WriteRemote(
      GitSource source,
      GitSettings settings,
      RemoteAccess access,
      PushStyle style,
      Optional<Path> signingKey,
      InstantSource clock) {
    this.style = style;
    this.signing = signingKey.map(SigningKey::new);
    this.source = source;
    this.settings = settings;
    this.clock = clock;
    this.remote =
        new Remote(
            RemoteUrl.parse(settings.url()),
            access,
            settings.repository().resolveSibling("no-home"));
  }

  /**
   * Where branches are at the remote.
   *
   * @param followed the followed branch's head, and it is here
   * @param branches others by name, those below a prefix; and heads of pull requests by their whole
   *     name, {@code refs/pull/N/head}
   */
  public record Heads(String followed, Map<String, String> branches) {}

  /** What became of a push. */
  public enum Outcome {
    DONE,
    /** The branch is not where it was thought to be: look again. */
    MOVED
  }

  public PushStyle style() {
    return style;
  }

  /** Whether what is committed here is signed. */
  public boolean signs() {
    return signing.isPresent();
  }

  public String followedBranch() {
    return settings.branch();
  }

  public Heads look(String prefix) {
    return attempt(
        () -> {
          Repository local = source.repository();
          Optional<String> followed = Optional.empty();
          Map<String, String> branches = new HashMap<>();
          try (Transport transport = remote.open(local);
              FetchConnection connection = transport.openFetch()) {
            for (Ref ref : connection.getRefs()) {
              if (ref.getObjectId() != null && PULL.matcher(ref.getName()).matches()) {
                branches.put(ref.getName(), ref.getObjectId().name());
              }
              if (ref.getObjectId() == null || !ref.getName().startsWith(Constants.R_HEADS)) {
                continue;
              }
              String name = ref.getName().substring(Constants.R_HEADS.length());
              if (name.equals(settings.branch())) {
                followed = Optional.of(ref.getObjectId().name());
              } else if (name.startsWith(prefix)) {
                branches.put(name, ref.getObjectId().name());
              }
            }
          }
          if (followed.isEmpty()) {
            throw new IOException("it has no branch " + settings.branch());
          }
          if (!local.getObjectDatabase().has(ObjectId.fromString(followed.get()))) {
            followed = Optional.of(bring(settings.branch()));
          }
          return new Heads(followed.get(), branches);
        });
  }

  /** Brings a branch's commits here. */
  public String fetch(String branch) {
    return attempt(() -> bring(branch));
  }

  private String bring(String branch) throws IOException {
    FetchBounds bounds = new FetchBounds(clock, settings.access().fetchTimeout());
    try (HeadFetch fetch = new HeadFetch(remote, branch)) {
      return fetch.fetch(source.repository(), LOOKED_AT + branch, bounds).name();
    }
  }

  public Snapshot snapshot(String commit) {
    return source.snapshot(commit);
  }

  /** The local history, for making commits and comparing them. */
  public History history() {
    return new History(source.repository(), signing);
  }

  /**
   * Moves or makes a branch.
   *
   * @param expected where it must be now; empty when it must not exist
   * @param commit where it is then, one that {@link History#commit} made
   * @param options for the server, one line each
   */
  public Outcome push(
      String branch, Optional<String> expected, String commit, List<String> options) {
    boolean force = !branch.equals(settings.branch());
    return attempt(() -> update(branch, expected, ObjectId.fromString(commit), force, options));
  }

  /** Without options. */
  public Outcome push(String branch, Optional<String> expected, String commit) {
    return push(branch, expected, commit, List.of());
  }

  /**
   * Asks for a pull request into the followed branch, or moves that of the same topic (AGit).
   *
   * @param options for the server, one line each, a {@code topic} among them
   * @return the name of its head, {@code refs/pull/N/head}
   */
  public String propose(String commit, List<String> options) {
    attempt(
        () -> {
          ObjectId to = ObjectId.fromString(commit);
          String ref = "refs/for/" + settings.branch();
          return send(
              new RemoteRefUpdate(source.repository(), commit, to, ref, true, null, null), options);
        });
    return look(LOOKED_AT).branches().entrySet().stream()
        .filter(there -> there.getValue().equals(commit))
        .map(Map.Entry::getKey)
        .findFirst()
        .orElseThrow(
            () ->
                new WriteException(
                    "the remote took the push to refs/for/"
                        + settings.branch()
                        + " and shows no pull request; is it Gitea or Forgejo? Correct"
                        + " repo.write.forge, or set repo.write.pullRequests to api",
                    Optional.empty()));
  }

  /** Deletes a branch that is where it was seen last; the followed one never. */
  public Outcome delete(String branch, String expected) {
    if (branch.equals(settings.branch())) {
      throw new IllegalArgumentException("the followed branch is never deleted");
    }
    return attempt(() -> update(branch, Optional.of(expected), ObjectId.zeroId(), true, List.of()));
  }

  private Outcome update(
      String branch, Optional<String> expected, ObjectId to, boolean force, List<String> options)
      throws IOException {
    Repository local = source.repository();
    ObjectId from = expected.map(ObjectId::fromString).orElse(ObjectId.zeroId());
    boolean delete = to.equals(ObjectId.zeroId());
    RemoteRefUpdate update =
        new RemoteRefUpdate(
            local,
            delete ? null : to.name(),
            delete ? null : to,
            Constants.R_HEADS + branch,
            force,
            null,
            from);
    return send(update, options);
  }

  private Outcome send(RemoteRefUpdate update, List<String> options) throws IOException {
    try (Transport transport = remote.open(source.repository())) {
      if (!options.isEmpty()) {
        transport.setPushOptions(options);
      }
      PushResult result = transport.push(NullProgressMonitor.INSTANCE, List.of(update));
      RemoteRefUpdate done = result.getRemoteUpdate(update.getRemoteName());
      return switch (done.getStatus()) {
        case OK, UP_TO_DATE, NON_EXISTING -> Outcome.DONE;
        case REJECTED_NONFASTFORWARD, REJECTED_REMOTE_CHANGED -> Outcome.MOVED;
        case REJECTED_OTHER_REASON, REJECTED_NODELETE, NOT_ATTEMPTED, AWAITING_REPORT -> {
          if (isRace(done)) {
            yield Outcome.MOVED;
          }
          throw new IOException(
              "it refuses the push to " + update.getRemoteName() + ": " + done.getMessage());
        }
      };
    }
  }

  /** Somebody else pushed in the same moment; servers put it in these words. */
  private static boolean isRace(RemoteRefUpdate update) {
    String message = String.valueOf(update.getMessage());
    return message.contains("lock") || message.contains("already exists");
  }

  private interface Work<T> {
    T run() throws IOException;
  }

  private <T> T attempt(Work<T> work) {
    try {
      return work.run();
    } catch (IOException | RuntimeException e) {
      if (e instanceof WriteException already) {
        throw already;
      }
      throw switch (RemoteFailure.of(e, remote)) {
        case PollResult.Unreachable lost -> new WriteException(lost.message(), lost.retryAfter());
        case PollResult.Refused refused -> new WriteException(refused.message(), Optional.empty());
        case PollResult.Unchanged _, PollResult.Moved _ ->
            new IllegalStateException("a failure is neither", e);
      };
    }
  }

  @Override
  public void close() {
    remote.close();
  }
}
