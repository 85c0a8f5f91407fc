package io.dropserver.sandbox.app;

import io.dropserver.sandbox.SandboxException;
import io.dropserver.state.condition.AppReason;
import java.io.IOException;
import java.io.InputStream;

/**
 * The files of an app version at their origin: a tree in a Git repository, or a package. The
 * reconciler implements the Git case.
 */
public interface AppFiles {

  /**
   * Identifies the content. Known before anything is fetched, for instance {@code tree-<40 hex>} or
   * {@code sha256-<64 hex>}, and safe as a file name.
   */
  String contentId();

  /**
   * Passes every file to the sink, in any order.
   *
   * @throws IOException when the origin cannot be read; the message is written for the author of
   *     the source
   * @throws SandboxException with a reason of {@link AppReason} when the content is refused
   */
  void copyTo(Sink sink) throws IOException;

  /** Returns the sentence that tells the author of the app how to write its lock file again. */
  default String lockRemedy() {
    return "Run \"deno install --entrypoint main.ts\" in the app's folder and commit deno.lock.";
  }

  /** Receives files. Refuses unsafe paths, duplicates, and anything beyond the size limits. */
  interface Sink {
    /**
     * @param path relative, with forward slashes
     * @param content read to its end, not closed
     * @throws IOException when the content cannot be read or stored
     * @throws SandboxException reason {@code PackageUnsafe} when the file is refused
     */
    void file(String path, InputStream content) throws IOException;
  }
}
