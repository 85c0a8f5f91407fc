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
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.transport.FetchConnection;
import org.eclipse.jgit.transport.PushResult;
import org.eclipse.jgit.transport.RemoteRefUpdate;
import org.eclipse.jgit.transport.Transport;

/**
 * The remote of the config repository, opened for writing with separate credentials. A push moves a
 * branch only if it still points at the expected commit, and moves the followed branch only
 * forward. Thread-safe.
 *
 * <p>Every method throws {@link WriteException} when the remote refuses or does not respond.
 */
public final class WriteRemote implements AutoCloseable {
  private static final Pattern PULL = Pattern.compile("refs/pull/[0-9]+/head");
  private static final String FETCHED_REFS = "refs/dropserver/written/";

  private final GitSource source;
  private final Remote remote;
  private final GitSettings settings;
  private final InstantSource clock;
  private final PushStyle style;
  private final Optional<SigningKey> signing;

  /**
   * @param access write credentials; the read credentials are not used
   * @param signingKey OpenSSH private key that signs the commits made here
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
   * The heads of branches at the remote.
   *
   * @param followed head of the followed branch, whose commit is in the local repository
   * @param branches heads of the branches with the requested prefix, by name, and heads of pull
   *     requests, by full name {@code refs/pull/N/head}
   */
  public record Heads(String followed, Map<String, String> branches) {}

  /** The result of a push. */
  public enum Outcome {
    DONE,
    /** The branch does not point at the expected commit. The caller must read the heads again. */
    MOVED
  }

  public PushStyle style() {
    return style;
  }

  /** Returns whether commits by this server are signed. */
  public boolean signs() {
    return signing.isPresent();
  }

  public String followedBranch() {
    return settings.branch();
  }

  public Heads readHeads(String prefix) {
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
            followed = Optional.of(fetchHead(settings.branch()));
          }
          requireTrusted(local, followed.get());
          return new Heads(followed.get(), branches);
        });
  }

  /**
   * A signature of the server vouches for all ancestors of its commit, so the head below it must be
   * trusted.
   */
  private void requireTrusted(Repository local, String head) throws IOException {
    Optional<String> objection = objection(local, head);
    if (objection.isPresent()) {
      throw new WriteException(
          "commit %s on %s is not trusted: %s; nothing is written on top of it; push a commit that is signed with a key named by repo.verify"
              .formatted(head.substring(0, 7), settings.branch(), objection.get()),
          Optional.empty());
    }
  }

  private Optional<String> objection(Repository local, String commit) throws IOException {
    try (RevWalk walk = new RevWalk(local)) {
      return new SignatureCheck(settings.verification())
          .objection(local, walk.parseCommit(ObjectId.fromString(commit)));
    }
  }

  /**
   * Returns why this server would not serve a commit of the local repository; empty if it would.
   * Such a commit must not be pushed to the followed branch, where it would block all later ones.
   */
  public Optional<String> objection(String commit) {
    return settings.verification() instanceof Verification.Off
        ? Optional.empty()
        : attempt(() -> objection(source.repository(), commit));
  }

  /** Fetches a branch and returns its head. */
  public String fetch(String branch) {
    return attempt(() -> fetchHead(branch));
  }

  private String fetchHead(String branch) throws IOException {
    FetchBounds bounds = new FetchBounds(clock, settings.access().fetchTimeout());
    try (HeadFetch fetch = new HeadFetch(remote, branch)) {
      return source.fetch(fetch, FETCHED_REFS + branch, bounds).name();
    }
  }

  public Snapshot snapshot(String commit) {
    return source.snapshot(commit);
  }

  /** Returns the local history, for creating and comparing commits. */
  public History history() {
    return new History(source.repository(), signing);
  }

  /**
   * Moves or creates a branch.
   *
   * @param expected the commit that the branch points at now; empty if the branch must not exist
   * @param commit the new head of the branch, created by {@link History#commit}
   * @param options push options for the server, one line each
   */
  public Outcome push(
      String branch, Optional<String> expected, String commit, List<String> options) {
    boolean force = !branch.equals(settings.branch());
    return attempt(() -> update(branch, expected, ObjectId.fromString(commit), force, options));
  }

  /** Pushes without options. */
  public Outcome push(String branch, Optional<String> expected, String commit) {
    return push(branch, expected, commit, List.of());
  }

  /**
   * Opens a pull request into the followed branch, or updates the one with the same topic (AGit).
   *
   * @param options push options for the server, one line each, including {@code topic}
   * @return the name of its head, {@code refs/pull/N/head}
   */
  public String openPullRequest(String commit, List<String> options) {
    attempt(
        () -> {
          ObjectId to = ObjectId.fromString(commit);
          String ref = "refs/for/" + settings.branch();
          return send(
              new RemoteRefUpdate(source.repository(), commit, to, ref, true, null, null), options);
        });
    return readHeads(FETCHED_REFS).branches().entrySet().stream()
        .filter(there -> there.getValue().equals(commit))
        .map(Map.Entry::getKey)
        .findFirst()
        .orElseThrow(
            () ->
                new WriteException(
                    "the remote accepted the push to refs/for/%s but opened no pull request, so it may not be Gitea or Forgejo; correct repo.write.forge, or set repo.write.pullRequests to api"
                        .formatted(settings.branch()),
                    Optional.empty()));
  }

  /**
   * Deletes a branch if it still points at the expected commit. Never deletes the followed branch.
   */
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
          // Not an IOException, because the words of a hook must not be taken for a failed log-in.
          throw new WriteException(
              "the remote refuses the push to %s: %s"
                  .formatted(update.getRemoteName(), PushRefusal.of(done, result)),
              Optional.empty());
        }
      };
    }
  }

  /** Returns whether a concurrent push won. Servers report that in these words. */
  private static boolean isRace(RemoteRefUpdate update) {
    String message = String.valueOf(update.getMessage());
    return message.contains("lock") || message.contains("already exists");
  }

  private <T> T attempt(GitSource.Work<T> work) {
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
            new IllegalStateException("a failed push is neither created nor moved", e);
      };
    }
  }

  @Override
  public void close() {
    remote.close();
  }
}
