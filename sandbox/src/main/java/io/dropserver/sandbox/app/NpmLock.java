package io.dropserver.sandbox.app;

import static io.dropserver.state.condition.AppReason.LOCK_MISMATCH;

import io.dropserver.sandbox.SandboxException;
import io.dropserver.schema.instance.App.LockFile;
import io.dropserver.schema.instance.App.NpmSource;
import io.dropserver.schema.instance.NpmProgram;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The lock file of a package from npm, in the format of Deno's {@code deno.lock}. It is complete:
 * it contains the package in exactly the version of its source, each dependency of each package,
 * and the integrity of all of them, so that an installation resolves nothing and trusts no
 * registry.
 *
 * @param lock only the parts about packages from npm, with the fields that Deno knows
 */
record NpmLock(ObjectNode lock) {
  private static final Set<String> FORMATS = Set.of("4", "5");

  /** Subresource Integrity with a hash that is not broken. SHA-1 is. */
  private static final Pattern INTEGRITY =
      Pattern.compile("sha512-[A-Za-z0-9+/]{86}==|sha384-[A-Za-z0-9+/]{64}");

  /**
   * @param text may be hostile
   * @throws SandboxException reason {@code LockMismatch}
   */
  static NpmLock read(byte[] text, NpmSource source) {
    Check check = new Check(source);
    if (text.length > LockFile.MAX_BYTES) {
      throw check.refused("is larger than " + (LockFile.MAX_BYTES >> 20) + " MiB");
    }
    return new NpmLock(check.checked(parse(text, check)));
  }

  private static ObjectNode parse(byte[] text, Check check) {
    try {
      if (AppConfig.JSON.readTree(text) instanceof ObjectNode object) {
        return object;
      }
    } catch (JacksonException e) {
      throw check.refused("is not valid JSON: " + Printable.of(e.getOriginalMessage()));
    }
    throw check.refused("is not a JSON object");
  }

  byte[] text() {
    return AppConfig.JSON
        .writerWithDefaultPrettyPrinter()
        .with(JsonWriteFeature.ESCAPE_NON_ASCII)
        .writeValueAsBytes(lock);
  }

  /** Returns the number of locked packages. */
  int packages() {
    return lock.path("npm").size();
  }

  private record Check(NpmSource source) {

    ObjectNode checked(ObjectNode lock) {
      String format = lock.path("version").asString("");
      if (!FORMATS.contains(format)) {
        throw refused("has the unknown format \"" + Printable.of(format) + "\"");
      }
      JsonNode npm = lock.path("npm");
      String resolved = resolved(lock.path("specifiers"));
      if (!npm.has(source.name() + "@" + resolved)) {
        throw refused("does not contain " + source.name() + "@" + source.manifest().version());
      }
      Set<String> names = new TreeSet<>();
      npm.propertyNames().forEach(key -> names.add(nameOf(key)));
      npm.properties().forEach(entry -> check(entry.getKey(), entry.getValue(), npm, names));
      ObjectNode own = AppConfig.JSON.createObjectNode();
      own.put("version", format);
      own.putObject("specifiers").put(source.specifier(), resolved);
      own.set("npm", NpmLockFields.of(npm, this::refused));
      return own;
    }

    /** Returns the version in the lock, which the versions of peer dependencies may follow. */
    private String resolved(JsonNode specifiers) {
      String resolved = specifiers.path(source.specifier()).asString("");
      if (!resolved.replaceFirst("_.*", "").equals(source.manifest().version())) {
        throw refused(
            resolved.isEmpty()
                ? "does not contain " + source.specifier()
                : "resolves %s to %s".formatted(source.specifier(), Printable.of(resolved)));
      }
      return resolved;
    }

    private void check(String key, JsonNode entry, JsonNode npm, Set<String> names) {
      String integrity = entry.path("integrity").asString("");
      if (!INTEGRITY.matcher(integrity).matches()) {
        throw refused("has no sha512 integrity of " + Printable.of(key));
      }
      for (String list : List.of("dependencies", "optionalDependencies")) {
        if (entry.path(list) instanceof ArrayNode dependencies) {
          for (JsonNode dependency : dependencies) {
            String named = unaliased(dependency.asString(""));
            if (!npm.has(named) && !names.contains(named)) {
              throw refused(
                  "lacks %s, a dependency of %s".formatted(Printable.of(named), Printable.of(key)));
            }
          }
        }
      }
    }

    /** Returns the package in {@code ALIAS@npm:NAME@VERSION}. */
    private static String unaliased(String dependency) {
      int alias = dependency.indexOf("@npm:");
      return alias < 0 ? dependency : dependency.substring(alias + "@npm:".length());
    }

    /** Returns the name in {@code NAME@VERSION}; a scope begins with another {@code @}. */
    private static String nameOf(String key) {
      int at = key.indexOf('@', 1);
      return at < 0 ? key : key.substring(0, at);
    }

    SandboxException refused(String problem) {
      return new SandboxException(
          LOCK_MISMATCH,
          "The lock file of %s %s. %s"
              .formatted(
                  NpmProgram.PREFIX + source.name() + "@" + source.manifest().version(),
                  problem,
                  NpmFiles.remedy(source)));
    }
  }
}
