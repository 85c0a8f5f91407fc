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
 * A host whose data folders are kept within their size. A folder is opened for the first sandbox on
 * it and stays open when that has ended, so that the next start need not wait for a mount; those
 * unused for longest are released when there are many. Safe for use by several threads.
 */
public final class VolumeHost implements SandboxHost {
  /** The name of the layer. */
  public static final String STORAGE = "storage";

  private static final Logger LOG = LoggerFactory.getLogger(VolumeHost.class);

  /** Each takes a loop device and some hundred kilobytes of the kernel. */
  private static final int KEPT_UNUSED = 64;

  private final SandboxHost inner;
  private final Storage storage;
  private final Folders folders;
  private final Set<String> allowWeaker;
  private final Map<Path, Volume> volumes = new ConcurrentHashMap<>();

  /** One for each run, since the next may begin before the last has been counted off. */
  private static final class Use {}

  /** Guarded by {@link #unused}. */
  private final Map<Path, Set<Use>> used = new HashMap<>();

  /** Guarded by itself: the one unused for longest first. */
  private final LinkedHashSet<Path> unused = new LinkedHashSet<>();

  /** Who decides where data lies. */
  public interface Folders {
    /** Makes what the data folder of the sandbox lies in, where it is not there yet. */
    void make(SandboxSpec spec);
  }

  /**
   * @param inner closed with this; the storage is the caller's
   * @param folders asked before each start
   * @param allowWeaker names of layers that may be missing
   */
  public VolumeHost(SandboxHost inner, Storage storage, Folders folders, Set<String> allowWeaker) {
    this.inner = inner;
    this.storage = storage;
    this.folders = folders;
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
    folders.make(spec);
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
  public void release(SandboxSpec spec) {
    release(spec.dataFolder());
  }

  /**
   * Gives back what was opened, as no sandbox uses it. A volume that had failed is checked.
   *
   * @throws StorageException when something still uses the folder
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

  /** What holds for a folder that was opened in this process. */
  public Optional<Volume> volume(Path dataFolder) {
    return Optional.ofNullable(volumes.get(dataFolder));
  }

  /** See {@link Storage#report}. */
  public void report(Storage.Writers writers) {
    storage.report(writers);
  }

  /** See {@link Storage#diskFull}. */
  public boolean diskFull() {
    return storage.diskFull();
  }

  public Stored stored(Path dataFolder) {
    return storage.stored(dataFolder);
  }

  /** See {@link Storage#settle}: of a folder that no sandbox uses yet. */
  public void settle(Path folder, int uid, long limitBytes) {
    storage.settle(folder, uid, limitBytes);
  }

  /** See {@link Storage#stopMoving}. */
  public void stopMoving() {
    storage.stopMoving();
  }

  /**
   * Makes data visible at its folder, whether a sandbox uses it or not. It is released with the
   * other unused ones.
   */
  public void reach(Path folder) {
    storage.reach(folder);
    synchronized (unused) {
      if (!used.containsKey(folder)) {
        unused(folder);
      }
    }
  }

  /** Gives back what {@link #reach} took, unless a sandbox uses the folder, or is about to. */
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
        storage.unused(folder);
        unused(folder);
      }
    }
  }

  /** Under {@link #unused}. */
  private void unused(Path folder) {
    unused.add(folder);
    if (unused.size() > KEPT_UNUSED) {
      Path surplus = unused.removeFirst();
      var _ = Thread.ofVirtual().name("volume-release").start(() -> releaseSurplus(surplus));
    }
  }

  private void releaseSurplus(Path folder) {
    try {
      storage.release(folder);
    } catch (StorageException inUseAgain) {
      LOG.debug("{} stays mounted: {}", folder, inUseAgain.getMessage());
    }
  }

  @Override
  public void close() {
    inner.close();
  }
}
