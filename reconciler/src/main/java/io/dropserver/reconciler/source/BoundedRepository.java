package io.dropserver.reconciler.source;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.eclipse.jgit.internal.storage.file.FileRepository;
import org.eclipse.jgit.lib.BaseRepositoryBuilder;
import org.eclipse.jgit.lib.ObjectInserter;
import org.eclipse.jgit.lib.ProgressMonitor;
import org.eclipse.jgit.transport.PackParser;

/**
 * A repository that limits the size of a fetch. Without limits, a remote could send a pack that
 * fills the disk, or an object that exhausts the memory. The limit is in the object inserter,
 * because the packs of all transports pass through it.
 *
 * <p>JGit's automatic collection is off. It would run beside changes of references, which then
 * fail, and would end with the fetch that started it. {@link GarbageCollection} replaces it.
 */
final class BoundedRepository extends FileRepository {
  private final Bounds bounds;

  /**
   * @param packBytes maximum size of one fetch, compressed
   * @param objectBytes maximum size of one object, uncompressed
   */
  record Bounds(long packBytes, long objectBytes) {
    static final Bounds DEFAULT = new Bounds(2L << 30, 512L << 20);
  }

  BoundedRepository(BaseRepositoryBuilder<?, ?> builder, Bounds bounds) throws IOException {
    super(builder);
    this.bounds = bounds;
  }

  @Override
  public void autoGC(ProgressMonitor monitor) {
    // See the comment of the class.
  }

  @Override
  public ObjectInserter newObjectInserter() {
    ObjectInserter inserter = super.newObjectInserter();
    return new ObjectInserter.Filter() {
      @Override
      protected ObjectInserter delegate() {
        return inserter;
      }

      @Override
      public PackParser newPackParser(InputStream in) throws IOException {
        PackParser parser = super.newPackParser(new Counted(in, bounds.packBytes()));
        parser.setMaxObjectSizeLimit(bounds.objectBytes());
        return parser;
      }
    };
  }

  private static final class Counted extends FilterInputStream {
    private final long most;
    private long bytes;

    Counted(InputStream in, long most) {
      super(in);
      this.most = most;
    }

    @Override
    public int read() throws IOException {
      int read = super.read();
      count(read < 0 ? 0 : 1);
      return read;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      int read = super.read(buffer, offset, length);
      count(Math.max(0, read));
      return read;
    }

    private void count(int more) throws IOException {
      bytes += more;
      if (bytes > most) {
        throw new IOException(
            "the remote sends more than " + most + " bytes; the transfer was stopped");
      }
    }
  }
}
