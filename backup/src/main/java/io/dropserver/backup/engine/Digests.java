package io.dropserver.backup.engine;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.dropserver.backup.copy.SampledEntry;
import io.dropserver.base.text.Sha256;
import io.dropserver.sandbox.linux.FileStatus;
import io.dropserver.sandbox.linux.FileSystemCalls;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Computes SHA-256 digests of entries of a folder, whose names may be any bytes. Follows no
 * symlink. Not thread-safe.
 */
final class Digests implements AutoCloseable {
  private static final int CHUNK = 1 << 20;

  private final FileSystemCalls kernel = new FileSystemCalls();
  private final int root;

  /**
   * @param folder an absolute path; without the folder, every entry is missing
   */
  Digests(Path folder) {
    this.root = kernel.openRoot(folder);
  }

  /** Returns the digest; empty if there is no such entry of this type and size. */
  Optional<String> of(SampledEntry entry) throws IOException {
    return in(root, entry.path(), entry);
  }

  private Optional<String> in(int folder, String path, SampledEntry entry) throws IOException {
    if (folder < 0) {
      return Optional.empty();
    }
    int slash = path.indexOf('/');
    if (slash < 0) {
      return content(folder, path, entry);
    }
    int inner = kernel.openFolder(folder, path.substring(0, slash));
    try {
      return in(inner, path.substring(slash + 1), entry);
    } finally {
      close(inner);
    }
  }

  private Optional<String> content(int folder, String name, SampledEntry entry) throws IOException {
    return switch (entry.type()) {
      case FILE -> file(folder, name, entry);
      case SYMLINK -> kernel.readLink(folder, name).map(to -> hex(to.getBytes(ISO_8859_1)));
      case FOLDER -> emptyFolder(folder, name);
      case OTHER -> Optional.empty();
    };
  }

  private Optional<String> emptyFolder(int folder, String name) {
    int opened = kernel.openFolder(folder, name);
    try {
      return opened < 0 || kernel.list(opened).filter(names -> names.length > 0).isPresent()
          ? Optional.empty()
          : Optional.of(hex(new byte[0]));
    } finally {
      close(opened);
    }
  }

  private Optional<String> file(int folder, String name, SampledEntry entry) throws IOException {
    int opened = kernel.openFile(folder, name);
    try {
      Optional<FileStatus> status =
          opened < 0
              ? Optional.empty()
              : kernel
                  .statOf(opened)
                  .filter(now -> now.type() == FileStatus.Type.FILE)
                  .filter(now -> entry.size() < 0 || now.size() == entry.size());
      if (status.isEmpty()) {
        return Optional.empty();
      }
      long length = entry.length() < 0 ? status.get().size() : entry.length();
      return Optional.of(range(Path.of("/proc/self/fd/" + opened), entry.offset(), length));
    } finally {
      close(opened);
    }
  }

  private static String range(Path file, long offset, long length) throws IOException {
    MessageDigest digest = Sha256.newDigest();
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long at = offset;
      while (at < offset + length) {
        chunk.clear().limit((int) Math.min(CHUNK, offset + length - at));
        int read = channel.read(chunk, at);
        if (read < 0) {
          throw new IOException("a file became shorter while it was read");
        }
        digest.update(chunk.flip());
        at += read;
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static String hex(byte[] content) {
    return HexFormat.of().formatHex(Sha256.newDigest().digest(content));
  }

  private void close(int descriptor) {
    if (descriptor >= 0) {
      kernel.close(descriptor);
    }
  }

  @Override
  public void close() {
    close(root);
    kernel.close();
  }
}
