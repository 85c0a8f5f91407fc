package io.dropserver.sandbox.app;

import static io.dropserver.state.condition.AppReason.LOCK_MISMATCH;
import static io.dropserver.state.condition.AppReason.MANIFEST_INVALID;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.dropserver.sandbox.SandboxException;
import io.dropserver.schema.instance.App.AppVersion;
import io.dropserver.schema.instance.App.EntryManifest;
import io.dropserver.schema.instance.App.LockFile;
import io.dropserver.schema.instance.Location;
import io.dropserver.schema.read.ManifestReader;
import io.dropserver.state.condition.AppReason;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Optional;

/**
 * The files of a source, and the manifest and the lock file that the entry of its App document adds
 * to them. If the source contains such a file itself, nothing is installed: the message says which
 * of the two is meant to be removed.
 *
 * @param lock the content of {@code version.additions().lock()}; present if and only if that is
 */
public record SupplementedFiles(AppFiles source, AppVersion version, Optional<NpmFiles.Lock> lock)
    implements AppFiles {
  private static final String LOCK = "deno.lock";

  /** Returns whether an entry adds anything to its source. */
  public static boolean needed(AppVersion version) {
    return version.additions().manifest().isPresent() || version.additions().lock().isPresent();
  }

  /**
   * Returns a hash of the source's id and of what is added to it.
   *
   * @param lockId see {@link NpmFiles.Lock#id()}
   */
  public static String contentId(String source, AppVersion version, Optional<String> lockId) {
    String manifest = version.additions().manifest().map(EntryManifest::json).orElse("");
    return "entry-" + NpmFiles.hash(source, manifest, lockId.orElse(""));
  }

  @Override
  public String contentId() {
    return contentId(source.contentId(), version, lock.map(NpmFiles.Lock::id));
  }

  @Override
  public String lockRemedy() {
    return version
        .additions()
        .lock()
        .map(
            file ->
                "The lock file is %s, which the App document names at %s. Write it again with \"dropserver app add\" or \"deno install\"."
                    .formatted(file.path(), file.location()))
        .orElseGet(source::lockRemedy);
  }

  @Override
  public void copyTo(Sink sink) throws IOException {
    source.copyTo(
        (path, content) -> {
          requireAbsent(path);
          sink.file(path, content);
        });
    Optional<EntryManifest> manifest = version.additions().manifest();
    if (manifest.isPresent()) {
      byte[] text = manifest.get().json().getBytes(UTF_8);
      sink.file(ManifestReader.FILE_NAME, new ByteArrayInputStream(text));
    }
    if (lock.isPresent()) {
      sink.file(LOCK, new ByteArrayInputStream(bounded(lock.get())));
    }
  }

  private void requireAbsent(String path) {
    if (path.equals(ManifestReader.FILE_NAME)) {
      version
          .additions()
          .manifest()
          .ifPresent(
              it -> {
                throw both(MANIFEST_INVALID, path, "manifest", it.location());
              });
    }
    if (path.equals(LOCK)) {
      version
          .additions()
          .lock()
          .ifPresent(
              it -> {
                throw both(LOCK_MISMATCH, path, "lock", it.location());
              });
    }
  }

  private static SandboxException both(
      AppReason reason, String file, String key, Location location) {
    return new SandboxException(
        reason,
        "The source contains %s, and the entry in the App document has `%s`, at %s: remove `%s` from the entry, or use a source without that file."
            .formatted(file, key, location, key));
  }

  private byte[] bounded(NpmFiles.Lock file) throws IOException {
    byte[] text = file.read();
    if (text.length > LockFile.MAX_BYTES) {
      throw new SandboxException(
          LOCK_MISMATCH,
          "The lock file is larger than " + (LockFile.MAX_BYTES >> 20) + " MiB. " + lockRemedy());
    }
    return text;
  }
}
