package io.dropserver.sandbox.app;

import static io.dropserver.state.condition.AppReason.LOCK_MISMATCH;
import static io.dropserver.state.condition.AppReason.MANIFEST_INVALID;

import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.deno.SandboxPaths;
import io.dropserver.schema.instance.NpmProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The program of an npm package that an entrypoint names: one of the entries of {@code bin} in the
 * package's {@code package.json}. It is run by its path, so a package whose {@code exports} do not
 * contain its program works.
 *
 * @param specifier as in the app's lock, such as {@code npm:tiddlywiki@5.4.1}
 * @param version the locked version
 */
record PackageProgram(NpmProgram npmProgram, String specifier, String version) {
  private static final long MAX_BYTES = 1 << 20;

  /**
   * Finds the package in the app's lock. Nothing is resolved, so a registry cannot choose another
   * version.
   */
  static PackageProgram locked(NpmProgram npmProgram, Optional<ObjectNode> lock) {
    Map<String, String> candidates = new TreeMap<>();
    for (var entry : lock.map(it -> it.path("specifiers")).stream().toList()) {
      for (var specifier : entry.properties()) {
        NpmProgram.parse(specifier.getKey())
            .filter(found -> found.name().equals(npmProgram.name()))
            .filter(
                found -> npmProgram.range().isEmpty() || found.range().equals(npmProgram.range()))
            .ifPresent(_ -> candidates.put(specifier.getKey(), specifier.getValue().asString("")));
      }
    }
    if (candidates.size() != 1) {
      throw new SandboxException(
          LOCK_MISMATCH,
          unlocked(npmProgram, lock.isPresent(), candidates.keySet().stream().toList()));
    }
    var only = candidates.entrySet().iterator().next();
    // In the lock, an underscore follows, and then the packages to which the peer dependencies
    // resolve.
    String version = only.getValue().replaceFirst("_.*", "");
    if (!version.matches("[0-9A-Za-z][0-9A-Za-z.+-]*")) {
      throw new SandboxException(
          LOCK_MISMATCH, "deno.lock: \"" + Printable.of(version) + "\" is no version.");
    }
    return new PackageProgram(npmProgram, only.getKey(), version);
  }

  private static String unlocked(NpmProgram npmProgram, boolean hasLock, List<String> candidates) {
    String named = npmProgram.name() + npmProgram.range().map(range -> "@" + range).orElse("");
    if (candidates.size() > 1) {
      return "The manifest's entrypoint is \"npm:%s\", and deno.lock contains %s: write the version."
          .formatted(named, String.join(", ", candidates));
    }
    return ("The manifest's entrypoint is \"npm:%s\", but %s. Run \"deno add npm:%s\" in the"
            + " app's folder, and commit deno.json and deno.lock.")
        .formatted(
            named, hasLock ? "deno.lock does not contain it" : "the app has no deno.lock", named);
  }

  /**
   * Returns the absolute path of the program in the sandbox.
   *
   * @param cache contains the package; a hostile package may have changed the folder
   */
  String locate(Path cache) throws IOException {
    Path folder = folder(cache);
    String path = path(programs(folder));
    Path program = resolve(folder, path);
    return SandboxPaths.CACHE + "/" + cache.relativize(program);
  }

  private Path folder(Path cache) throws IOException {
    try (Stream<Path> registries = Files.list(cache.resolve("npm"))) {
      return registries
          .map(registry -> registry.resolve(npmProgram.name()).resolve(version))
          .filter(folder -> Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS))
          .findFirst()
          .orElseThrow(
              () -> invalid("was not installed; run \"deno install\" and commit deno.lock"));
    }
  }

  /** Returns the entries of {@code bin}: names and paths in the package. */
  private Map<String, String> programs(Path folder) throws IOException {
    Path file = folder.resolve("package.json");
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) || Files.size(file) > MAX_BYTES) {
      throw invalid("has no package.json of at most 1 MiB");
    }
    Map<String, String> programs = new TreeMap<>();
    try {
      JsonNode bin = AppConfig.JSON.readTree(Files.readAllBytes(file)).path("bin");
      if (bin.isString()) {
        programs.put(npmProgram.unscopedName(), bin.asString());
      }
      for (var entry : bin.properties()) {
        programs.put(entry.getKey(), entry.getValue().asString(""));
      }
    } catch (JacksonException e) {
      throw invalid("has a package.json that is no valid JSON");
    }
    return programs;
  }

  private String path(Map<String, String> programs) {
    if (programs.isEmpty()) {
      throw invalid("has no program: its package.json has no bin. Import it from a module instead");
    }
    Optional<String> only =
        programs.size() == 1 ? programs.values().stream().findFirst() : Optional.empty();
    Optional<String> chosen =
        npmProgram.bin().isPresent()
            ? npmProgram.bin().map(programs::get)
            : Optional.ofNullable(programs.get(npmProgram.unscopedName())).or(() -> only);
    return chosen.orElseThrow(
        () ->
            invalid(
                "has no program of that name. Write one of these: "
                    + Printable.of(
                        String.join(
                            ", ",
                            programs.keySet().stream().map(it -> specifier + "/" + it).toList()))));
  }

  /**
   * Resolves a path, and refuses one that leads outside the package. The mount namespace also stops
   * such a path, but with a worse message.
   */
  private Path resolve(Path folder, String path) throws IOException {
    try {
      Path program = folder.resolve(path).normalize();
      if (program.startsWith(folder)
          && Files.isRegularFile(program, LinkOption.NOFOLLOW_LINKS)
          && program.toRealPath().startsWith(folder.toRealPath())) {
        return program;
      }
    } catch (InvalidPathException hostile) {
      // the same message
    }
    throw invalid("names \"" + Printable.of(path) + "\" as its program, which it does not contain");
  }

  private SandboxException invalid(String problem) {
    return new SandboxException(
        MANIFEST_INVALID,
        "The manifest's entrypoint is \"%s\": this package %s.".formatted(specifier, problem));
  }
}
