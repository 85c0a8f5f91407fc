package io.dropserver.sandbox.app;

import io.dropserver.sandbox.deno.SandboxPaths;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes the {@code deno.json} that Deno reads in place of the app's own. In Deno 2.9.6, {@code
 * --config} does not stop Deno from reading a {@code deno.json} next to the entrypoint, and the
 * imports of that file win. So this class removes all such files from {@code /app}.
 */
final class AppConfigWriter {
  /**
   * The lock is in DENO_DIR, which is visible inside the sandbox. Without it, Deno could resolve
   * versions again.
   */
  static final String LOCK = "deno.lock";

  /** The names of an app's own configuration. */
  private static final Set<String> OWN = Set.of("deno.json", "deno.jsonc");

  private static final String LOCK_IN_SANDBOX = SandboxPaths.CACHE + "/" + LOCK;

  /** The package and its version range, without a subpath. */
  private static final Pattern PACKAGE =
      Pattern.compile("((?:npm|jsr):)/?((?:@[^/@]+/)?[^/@]+(?:@[^/]+)?)(?:/.*)?");

  private AppConfigWriter() {}

  static void write(InstallFolder install, AppConfig config) throws IOException {
    ObjectNode deno = withoutLock(config);
    if (config.lock().isPresent()) {
      deno.putObject("lock").put("path", LOCK_IN_SANDBOX).put("frozen", true);
      writeLock(install.cache().resolve(LOCK), config.lock().get(), packages(config));
    } else {
      deno.put("lock", false);
    }
    write(install, deno);
  }

  /** Writes a configuration with which Deno decides versions, and writes them into a new lock. */
  static void writeUnlocked(InstallFolder install, AppConfig config) throws IOException {
    ObjectNode deno = withoutLock(config);
    deno.putObject("lock").put("path", LOCK_IN_SANDBOX);
    write(install, deno);
  }

  private static ObjectNode withoutLock(AppConfig config) {
    ObjectNode deno = AppConfig.JSON.createObjectNode();
    ObjectNode imports = deno.putObject("imports");
    config.imports().forEach(imports::put);
    if (!config.compilerOptions().isEmpty()) {
      deno.set("compilerOptions", config.compilerOptions());
    }
    ArrayNode unstable = deno.putArray("unstable");
    config.unstable().forEach(unstable::add);
    deno.put("nodeModulesDir", "none");
    return deno;
  }

  private static void write(InstallFolder install, ObjectNode deno) throws IOException {
    byte[] text = AppConfig.JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(deno);
    FolderAccess.writeReadable(install.denoConfig(), text);
    if (removeOwn(install.files())) {
      FolderAccess.writeReadable(install.files().resolve("deno.json"), text);
    }
  }

  private static void writeLock(Path file, ObjectNode lock, Set<String> packages)
      throws IOException {
    ObjectNode own = lock.deepCopy();
    own.remove("workspace");
    if (!packages.isEmpty()) {
      ArrayNode dependencies = own.putObject("workspace").putArray("dependencies");
      packages.forEach(dependencies::add);
    }
    FolderAccess.writeReadable(
        file, AppConfig.JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(own));
  }

  private static Set<String> packages(AppConfig config) {
    Set<String> packages = new TreeSet<>();
    for (String target : config.imports().values()) {
      Matcher matcher = PACKAGE.matcher(target);
      if (matcher.matches()) {
        packages.add(matcher.group(1) + matcher.group(2));
      }
    }
    return packages;
  }

  /**
   * Removes {@code deno.json} and {@code deno.jsonc} from every folder, because the entrypoint can
   * be in any of them. Returns whether the top folder contained one.
   */
  private static boolean removeOwn(Path files) throws IOException {
    List<Path> own;
    try (Stream<Path> all = Files.walk(files)) {
      own =
          all.filter(path -> OWN.contains(path.getFileName().toString()))
              .filter(path -> Files.isRegularFile(path))
              .toList();
    }
    for (Path path : own) {
      Files.delete(path);
    }
    return own.stream().anyMatch(path -> files.equals(path.getParent()));
  }
}
