package io.dropserver.sandbox.app;

import static io.dropserver.state.condition.AppReason.LOCK_MISMATCH;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.dropserver.base.text.Sha256;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.schema.instance.App.NpmSource;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * The folder of an app that is a package from npm: a generated manifest, a {@code deno.json} that
 * imports exactly the package, and the lock file. The packages themselves are fetched and compared
 * with the lock like the dependencies of every other app.
 *
 * @param lock empty if the source names none
 */
public record NpmFiles(NpmSource source, Optional<Lock> lock) implements AppFiles {

  /** The lock file at its origin. */
  public interface Lock {
    /** Identifies the content: equal ids mean equal bytes. */
    String id();

    /**
     * Reads at most one byte more than {@link
     * io.dropserver.schema.instance.App.LockFile#MAX_BYTES}.
     */
    byte[] read() throws IOException;
  }

  /** Returns an id of everything that determines the folder: package, manifest and lock. */
  @Override
  public String contentId() {
    return contentId(source, lock.map(Lock::id));
  }

  /**
   * @param lockId see {@link Lock#id()}
   */
  public static String contentId(NpmSource source, Optional<String> lockId) {
    return "npm-" + hash(source.specifier(), source.manifestJson(), lockId.orElse(""));
  }

  /** Returns a hash of several texts, as 64 hex digits. */
  static String hash(String... texts) {
    MessageDigest digest = Sha256.newDigest();
    for (String text : texts) {
      update(digest, text);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static void update(MessageDigest digest, String text) {
    byte[] bytes = text.getBytes(UTF_8);
    digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).array());
    digest.update(bytes);
  }

  @Override
  public String lockRemedy() {
    return remedy(source);
  }

  static String remedy(NpmSource source) {
    return ("Run \"dropserver app add %s\" in a checkout of the instance repository: it writes the"
            + " lock file. If a package changed without a new version, distrust it.")
        .formatted(source.specifier());
  }

  @Override
  public void copyTo(Sink sink) throws IOException {
    if (lock.isEmpty()) {
      throw new SandboxException(
          LOCK_MISMATCH,
          ("The entry of %s names no lock file, so the versions of its dependencies are not"
               + " decided, and nothing was installed. Run \"dropserver app add %s\" in a checkout"
               + " of the instance repository: it writes the lock file and its name into the"
               + " entry.")
              .formatted(source.specifier(), source.specifier()));
    }
    NpmLock npmLock = NpmLock.read(lock.get().read(), source);
    ObjectNode deno = AppConfig.JSON.createObjectNode();
    deno.putObject("imports").put(source.name(), source.specifier());
    sink.file("dropapp.json", new ByteArrayInputStream(source.manifestJson().getBytes(UTF_8)));
    sink.file("deno.json", new ByteArrayInputStream(AppConfig.JSON.writeValueAsBytes(deno)));
    sink.file("deno.lock", new ByteArrayInputStream(npmLock.text()));
  }
}
