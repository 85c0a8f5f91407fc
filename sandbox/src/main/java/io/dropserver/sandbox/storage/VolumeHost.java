package io.dropserver.sandbox.storage;

import io.dropserver.sandbox.Sandbox;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.SandboxHost;
import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.sandbox.storage.Storage.Stored;
import io.dropserver.sandbox.storage.Storage.Volume;
import io.dropserver.schema.instance.Appspace.Isolation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decorates a host with size limits for data folders. A folder is opened for its first sandbox and
 * stays open after the sandbox has ended, so that the next start does not have to wait for a mount.
 * If there are many unused folders, the least recently used are released. Thread-safe.
 */
public final class VolumeHost implements SandboxHost {
  /** The name of the storage layer in {@link #layers}. */
  public static final String STORAGE = "storage";

  private static final Logger LOG = LoggerFactory.getLogger(VolumeHost.class);

  /**
   * The maximum number of unused volumes that stay mounted. Each occupies a loop device and a few
   * hundred kilobytes of kernel memory.
   */
  private static final int MAX_UNUSED = 64;

  private final SandboxHost inner;
  private final Storage storage;
  private final DataFolderFactory dataFolderFactory;
  private final Set<String> allowWeaker;
  private final Map<Path, Volume> volumes = new ConcurrentHashMap<>();

  /**
   * Identifies one run of a sandbox, because the next run may begin before the end of the previous
   * run is recorded.
   */
  private static final class Use {}

  /** The sandboxes that use each folder. Guarded by {@link #unused}. */
  private final Map<Path, Set<Use>> used = new HashMap<>();

  /** The open folders without a sandbox, least recently used first. Guarded by itself. */
  private final LinkedHashSet<Path> unused = new LinkedHashSet<>();

  /** Creates the parent folders of data folders. */
  public interface DataFolderFactory {
    /** Creates the parent folders of the sandbox's data folder, if they are missing. */
    void create(SandboxSpec spec);
  }

  /**
   * @param inner closed with this object; the caller closes the storage
   * @param dataFolderFactory called before each start
   * @param allowWeaker names of layers that may be missing
   */
  public VolumeHost(
      SandboxHost inner,
      Storage storage,
      DataFolderFactory dataFolderFactory,
      Set<String> allowWeaker) {
    this.inner = inner;
    this.storage = storage;
    this.dataFolderFactory = dataFolderFactory;
    this.allowWeaker = Set.copyOf(allowWeaker);
  }

  @Override
  public void run(SandboxSpec spec, Program program) {
    Use use = begin(spec.dataFolder());
    try {
      open(spec);
      inner.run(spec, program);
    } finally {
      end(spec.dataFolder(), use);
    }
  }

  private void open(SandboxSpec spec) {
    requireIsolation(spec.isolation());
    Path folder = spec.dataFolder();
    dataFolderFactory.create(spec);
    volumes.put(folder, storage.open(folder, spec.uid(), spec.limits().storageBytes()));
  }

  @Override
  public Sandbox start(SandboxSpec spec) {
    Path folder = spec.dataFolder();
    Use use = begin(folder);
    try {
      open(spec);
      Sandbox sandbox = inner.start(spec);
      var _ = sandbox.exit().thenRun(() -> end(folder, use));
      return sandbox;
    } catch (SandboxException e) {
      end(folder, use);
      throw e;
    }
  }

  @Override
  public boolean canUseWaiting(SandboxSpec spec) {
    return inner.canUseWaiting(spec);
  }

  @Override
  public int keepWaiting(List<SandboxSpec> next) {
    return inner.keepWaiting(next);
  }

  @Override
  public void release(SandboxSpec spec) {
    release(spec.dataFolder());
  }

  /**
   * Releases a folder that no sandbox uses. Checks a volume that had an I/O error.
   *
   * @throws StorageException when a process still uses the folder
   */
  public void release(Path folder) {
    synchronized (unused) {
      used.remove(folder);
      unused.remove(folder);
    }
    volumes.remove(folder);
    storage.release(folder);
  }

  @Override
  public void requireIsolation(Isolation isolation) {
    inner.requireIsolation(isolation);
    Layer layer = storage.layer();
    if (!layer.present() && !allowWeaker.contains(layer.name())) {
      throw layer.missing();
    }
  }

  @Override
  public List<Layer> layers() {
    List<Layer> all = new ArrayList<>(inner.layers());
    all.add(storage.layer());
    return List.copyOf(all);
  }

  /** Returns the volume of a folder that this process has opened, with its current limit. */
  public Optional<Volume> volume(Path dataFolder) {
    return Optional.ofNullable(volumes.get(dataFolder));
  }

  /** See {@link Storage#setWriters}. */
  public void setWriters(Storage.Writers writers) {
    storage.setWriters(writers);
  }

  /** See {@link Storage#diskFull}. */
  public boolean diskFull() {
    return storage.diskFull();
  }

  public Stored stored(Path dataFolder) {
    return storage.stored(dataFolder);
  }

  /** See {@link Storage#moveIntoVolume}. No sandbox may use the folder yet. */
  public void moveIntoVolume(Path folder, int uid, long limitBytes) {
    storage.moveIntoVolume(folder, uid, limitBytes);
  }

  /** See {@link Storage#abortMoves}. */
  public void abortMoves() {
    storage.abortMoves();
  }

  /**
   * Makes the data readable in its folder, whether or not a sandbox uses it. The folder is released
   * like other unused folders.
   */
  public void makeReadable(Path folder) {
    storage.makeReadable(folder);
    synchronized (unused) {
      if (!used.containsKey(folder)) {
        markUnused(folder);
      }
    }
  }

  /** Undoes {@link #makeReadable}, unless a sandbox uses the folder or is about to use it. */
  public void releaseUnused(Path folder) {
    synchronized (unused) {
      if (used.containsKey(folder)) {
        return;
      }
      unused.remove(folder);
      volumes.remove(folder);
      storage.release(folder);
    }
  }

  private Use begin(Path folder) {
    Use use = new Use();
    synchronized (unused) {
      used.computeIfAbsent(folder, first -> new HashSet<>()).add(use);
      unused.remove(folder);
    }
    return use;
  }

  private void end(Path folder, Use use) {
    synchronized (unused) {
      Set<Use> uses = used.getOrDefault(folder, Set.of());
      if (!uses.contains(use)) {
        return; // released meanwhile
      }
      uses.remove(use);
      if (uses.isEmpty()) {
        used.remove(folder);
        storage.markUnused(folder);
        markUnused(folder);
      }
    }
  }

  /** Requires the lock of {@link #unused}. */
  private void markUnused(Path folder) {
    unused.add(folder);
    if (unused.size() > MAX_UNUSED) {
      Path surplus = unused.removeFirst();
      var _ = Thread.ofVirtual().name("volume-release").start(() -> releaseSurplus(surplus));
    }
  }

  private void releaseSurplus(Path folder) {
    try {
      releaseUnused(folder);
    } catch (StorageException inUseAgain) {
      LOG.debug("{} stays mounted: {}", folder, inUseAgain.getMessage());
    }
  }

  @Override
  public void close() {
    inner.close();
  }
}
