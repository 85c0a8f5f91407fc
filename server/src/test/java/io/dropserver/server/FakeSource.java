package io.dropserver.server;

import io.dropserver.reconciler.source.ConfigSource;
import io.dropserver.reconciler.source.PollResult;
import io.dropserver.reconciler.source.Revision;
import io.dropserver.reconciler.source.SourceException;
import io.dropserver.schema.instance.SourceTree;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A config repository in memory. It outlives the servers of a test, like a remote and its local
 * copy.
 */
final class FakeSource implements ConfigSource {
  private final Map<String, Snapshot> revisions = new ConcurrentHashMap<>();
  private final Set<String> accepted = new HashSet<>();
  private Optional<String> head = Optional.empty();
  private Optional<String> served = Optional.empty();
  private Optional<String> handedOver = Optional.empty();
  private Optional<PollResult> failure = Optional.empty();
  private int count;
  int polls;

  /** Runs before each revision is handed over. */
  volatile Runnable handing = () -> {};

  synchronized String push(Map<String, String> files) {
    String id = "%040x".formatted(++count + 0xabc000);
    Revision revision = new Revision(id);
    revisions.put(id, new Snapshot(revision, new MemoryTree(new TreeMap<>(files))));
    head = Optional.of(id);
    return id;
  }

  /**
   * The remote in its current state, and the local copy as it was when that revision was served.
   */
  synchronized FakeSource after(Optional<String> servedThen) {
    FakeSource copy = new FakeSource();
    copy.revisions.putAll(revisions);
    copy.accepted.addAll(accepted);
    copy.head = head;
    copy.served = servedThen;
    copy.count = count;
    return copy;
  }

  synchronized Optional<String> servedNow() {
    return served;
  }

  synchronized void failure(PollResult result) {
    failure = Optional.of(result);
  }

  synchronized void recovered() {
    failure = Optional.empty();
  }

  /** Simulates a new process. */
  synchronized void restarted() {
    handedOver = Optional.empty();
  }

  @Override
  public synchronized PollResult poll(Optional<String> recorded, boolean allowRewrite) {
    polls++;
    if (failure.isPresent()) {
      return failure.get();
    }
    String now = head.orElseThrow();
    if (handedOver.or(() -> recorded).equals(Optional.of(now))) {
      return new PollResult.Unchanged(now);
    }
    handedOver = Optional.of(now);
    Snapshot snapshot = snapshot(now);
    handing.run();
    return new PollResult.Moved(snapshot.revision(), snapshot.tree());
  }

  @Override
  public synchronized Optional<String> servedCopy() {
    return served;
  }

  @Override
  public Optional<Snapshot> find(String revisionId) {
    return Optional.ofNullable(revisions.get(revisionId));
  }

  @Override
  public Snapshot snapshot(String revisionId) {
    Snapshot snapshot = revisions.get(revisionId);
    if (snapshot == null) {
      throw new SourceException("no revision " + revisionId);
    }
    return snapshot;
  }

  @Override
  public synchronized void accept(String sha) {
    accepted.add(sha);
  }

  @Override
  public synchronized boolean isAccepted(String revisionId) {
    return accepted.contains(revisionId);
  }

  @Override
  public synchronized void markServed(String revisionId) {
    served = Optional.of(revisionId);
  }

  @Override
  public void close() {}

  private record MemoryTree(Map<String, String> files) implements SourceTree {
    @Override
    public List<TreeEntry> entries() {
      return files.entrySet().stream()
          .map(
              file ->
                  new TreeEntry(
                      file.getKey(),
                      Integer.toHexString(file.getValue().hashCode()),
                      TreeEntryType.FILE,
                      file.getValue().length()))
          .toList();
    }

    @Override
    public byte[] read(TreeEntry treeEntry) throws IOException {
      String text = files.get(treeEntry.path());
      if (text == null) {
        throw new IOException("no file " + treeEntry.path());
      }
      return text.getBytes(StandardCharsets.UTF_8);
    }
  }
}
