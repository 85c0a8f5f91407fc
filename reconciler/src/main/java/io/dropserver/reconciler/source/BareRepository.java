package io.dropserver.reconciler.source;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.eclipse.jgit.lib.ConfigConstants;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Ref;
import org.eclipse.jgit.lib.RefUpdate;
import org.eclipse.jgit.lib.RefUpdate.Result;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.lib.StoredConfig;
import org.eclipse.jgit.storage.file.FileRepositoryBuilder;
import org.eclipse.jgit.util.FS;

/**
 * Opens and repairs bare repositories in the state folder. Because of the lock on the state folder,
 * no other process uses them. So opening one removes the locks and partial files of an earlier
 * process.
 */
final class BareRepository {
  private static final Set<Result> WRITTEN =
      Set.of(Result.NEW, Result.FORCED, Result.FAST_FORWARD, Result.NO_CHANGE);

  private BareRepository() {}

  /**
   * Opens the repository or creates it.
   *
   * @throws SourceException when the folder is not usable
   */
  static BoundedRepository open(Path folder) {
    return open(folder, BoundedRepository.Bounds.DEFAULT);
  }

  static BoundedRepository open(Path folder, BoundedRepository.Bounds bounds) {
    IsolatedSystemReader.install();
    try {
      if (Files.isDirectory(folder)) {
        removeLeftovers(folder);
      }
      BoundedRepository repository = build(folder, bounds);
      if (!Files.exists(folder.resolve("HEAD"))) {
        repository.create(true);
      }
      configure(repository);
      return repository;
    } catch (IOException | IllegalArgumentException e) {
      throw new SourceException(
          "the local repository " + folder + " cannot be opened: " + e.getMessage(), e);
    }
  }

  private static BoundedRepository build(Path folder, BoundedRepository.Bounds bounds)
      throws IOException {
    Files.createDirectories(folder.toAbsolutePath().getParent());
    return new BoundedRepository(
        new FileRepositoryBuilder().setFS(FS.DETECTED).setGitDir(folder.toFile()).setBare().setup(),
        bounds);
  }

  private static void configure(Repository repository) throws IOException {
    StoredConfig config = repository.getConfig();
    boolean same = config.getBoolean("transfer", "fsckObjects", false);
    if (same) {
      return;
    }
    // Refuse malformed objects, and names such as ".GIT", on receipt.
    config.setBoolean("transfer", null, "fsckObjects", true);
    config.setBoolean(ConfigConstants.CONFIG_CORE_SECTION, null, "fsyncObjectFiles", true);
    config.setBoolean(ConfigConstants.CONFIG_CORE_SECTION, null, "fsyncRefFiles", true);
    config.setBoolean("http", null, "sslVerify", true);
    config.setString("http", null, "followRedirects", "initial");
    config.save();
  }

  /**
   * Deletes lock files, partially received or collected packs, the marks that keep a pack from
   * being garbage-collected, and the record and log of a collection that ended early.
   */
  private static void removeLeftovers(Path folder) throws IOException {
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            String name = file.getFileName().toString();
            boolean partial =
                name.startsWith("incoming_") || name.startsWith("noz") || name.startsWith("gc_");
            boolean collection = name.equals("gc.log") || name.equals("gc.pid");
            if (name.endsWith(".lock") || name.endsWith(".keep") || partial || collection) {
              Files.delete(file);
            }
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /** Moves a damaged repository aside for inspection and creates an empty one. */
  static BoundedRepository replace(Path folder, Instant now) {
    try {
      Path aside = folder.resolveSibling(folder.getFileName() + ".damaged-" + now.getEpochSecond());
      Files.move(folder, aside);
      return open(folder);
    } catch (IOException e) {
      throw new UncheckedIOException("the damaged repository " + folder + " cannot be replaced", e);
    }
  }

  static Optional<ObjectId> ref(Repository repository, String name) throws IOException {
    Ref ref = repository.exactRef(name);
    return ref == null ? Optional.empty() : Optional.ofNullable(ref.getObjectId());
  }

  /**
   * Sets a reference. The change is durable when this method returns, because the repository fsyncs
   * references.
   */
  static void setRef(Repository repository, String name, ObjectId id) throws IOException {
    RefUpdate update = repository.updateRef(name);
    update.setNewObjectId(id);
    update.setForceUpdate(true);
    update.disableRefLog();
    Result result = update.update();
    if (!WRITTEN.contains(result)) {
      throw new IOException(name + " could not be written: " + result);
    }
  }

  static void deleteRef(Repository repository, String name) throws IOException {
    RefUpdate update = repository.updateRef(name);
    update.setForceUpdate(true);
    update.delete();
  }
}
