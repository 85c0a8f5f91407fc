package io.dropserver.sandbox.app;

import static io.dropserver.state.condition.AppReason.IMPORT_REFUSED;
import static io.dropserver.state.condition.AppReason.LOCK_MISMATCH;
import static io.dropserver.state.condition.AppReason.MANIFEST_INVALID;

import io.dropserver.sandbox.SandboxException;
import io.dropserver.state.condition.AppReason;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The supported parts of an app's own {@code deno.json}, {@code package.json} and {@code
 * deno.lock}: imports, compiler options and a lock. Everything else in these files, such as tasks,
 * permissions, links and workspaces, never reaches Deno.
 *
 * @param imports specifier to target; targets are absolute
 * @param compilerOptions only options that change the emitted code
 * @param lock the app's lock without its record of the files above, which Deno compares
 */
record AppConfig(
    SortedMap<String, String> imports,
    ObjectNode compilerOptions,
    List<String> unstable,
    Optional<ObjectNode> lock) {

  static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(JsonReadFeature.ALLOW_JAVA_COMMENTS, JsonReadFeature.ALLOW_TRAILING_COMMA)
          .build();

  private static final long MAX_BYTES = 8L << 20;
  private static final String APP = "file:///app/";
  private static final Set<String> COMPILER_OPTIONS =
      Set.of(
          "jsx",
          "jsxImportSource",
          "jsxImportSourceTypes",
          "jsxFactory",
          "jsxFragmentFactory",
          "jsxPrecompileSkipElements",
          "jsxPrecompileSkipProps",
          "experimentalDecorators",
          "emitDecoratorMetadata");
  private static final Set<String> UNSTABLE =
      Set.of("bare-node-builtins", "detect-cjs", "node-globals", "sloppy-imports", "temporal");
  private static final Pattern RANGE = Pattern.compile("[0-9A-Za-z.*^~<>=|+ -]*");

  /**
   * @param files the app's folder; only this process can write it
   */
  static AppConfig read(Path files) throws IOException {
    Optional<ObjectNode> json = object(files, "deno.json");
    Optional<ObjectNode> deno = json.isPresent() ? json : object(files, "deno.jsonc");
    SortedMap<String, String> imports = new TreeMap<>();
    ObjectNode options = JSON.createObjectNode();
    SortedSet<String> unstable = new TreeSet<>();
    unstable.add("kv");
    if (deno.isPresent()) {
      addImports(files, deno.get(), imports);
      addOptions(deno.get(), options);
      for (JsonNode name : deno.get().path("unstable")) {
        if (UNSTABLE.contains(name.asString(""))) {
          unstable.add(name.asString(""));
        }
      }
    }
    Optional<ObjectNode> node = object(files, "package.json");
    if (node.isPresent()) {
      addDependencies(node.get(), imports);
      unstable.add("detect-cjs"); // as Node decides it: by "type", or else by the code
    }
    return new AppConfig(imports, options, List.copyOf(unstable), object(files, "deno.lock"));
  }

  private static Optional<ObjectNode> object(Path files, String name) throws IOException {
    Path file = files.resolve(name);
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      return Optional.empty();
    }
    AppReason failure = name.equals("deno.lock") ? LOCK_MISMATCH : MANIFEST_INVALID;
    if (Files.size(file) > MAX_BYTES) {
      throw new SandboxException(
          failure, name + " of the app is larger than " + (MAX_BYTES >> 20) + " MiB.");
    }
    try {
      if (JSON.readTree(Files.readAllBytes(file)) instanceof ObjectNode object) {
        return Optional.of(object);
      }
    } catch (JacksonException e) {
      throw new SandboxException(
          failure,
          name + " of the app is not valid JSON: " + Printable.of(e.getOriginalMessage()) + ".",
          e);
    }
    throw new SandboxException(failure, name + " of the app is not a JSON object.");
  }

  private static void addImports(Path files, ObjectNode deno, Map<String, String> imports)
      throws IOException {
    JsonNode map = deno;
    if (deno.path("importMap").isString()) {
      String path = clean(deno.path("importMap").asString());
      map = path.startsWith("..") ? deno : object(files, path).orElse(deno);
    }
    if (!map.path("scopes").isEmpty()) {
      throw new SandboxException(
          IMPORT_REFUSED,
          "deno.json: \"scopes\" are not supported; write what they map into \"imports\".");
    }
    for (var entry : map.path("imports").properties()) {
      imports.put(entry.getKey(), target(entry.getKey(), entry.getValue().asString("")));
    }
  }

  private static String target(String key, String target) {
    if (target.startsWith("npm:") || target.startsWith("jsr:") || target.startsWith("node:")) {
      return target;
    }
    URI resolved = resolve(target);
    if ("file".equals(resolved.getScheme())
        && resolved.getRawAuthority() == null
        && resolved.getRawPath().startsWith("/app/")) {
      // Java writes file:/app/, but Deno compares with file:///app/.
      return "file://" + resolved.getRawPath();
    }
    throw new SandboxException(
        IMPORT_REFUSED,
        "deno.json: import \"%s\" refers to \"%s\": an app may import only its own files, npm: and jsr: packages."
            .formatted(Printable.of(key), Printable.of(target)));
  }

  private static URI resolve(String target) {
    try {
      return URI.create(APP).resolve(target).normalize();
    } catch (IllegalArgumentException e) {
      return URI.create("invalid:target");
    }
  }

  private static String clean(String path) {
    return path.startsWith("./") ? path.substring(2) : path;
  }

  private static void addOptions(ObjectNode deno, ObjectNode options) {
    for (var entry : deno.path("compilerOptions").properties()) {
      if (COMPILER_OPTIONS.contains(entry.getKey())) {
        options.set(entry.getKey(), entry.getValue());
      }
    }
  }

  /** Reads dependencies the way Deno does. Development dependencies are not installed. */
  private static void addDependencies(ObjectNode packageJson, Map<String, String> imports) {
    for (var entry : packageJson.path("dependencies").properties()) {
      String name = entry.getKey();
      String range = entry.getValue().asString("").strip();
      String target =
          range.startsWith("npm:") ? range : "npm:" + name + "@" + (range.isEmpty() ? "*" : range);
      if (!range.startsWith("npm:") && !RANGE.matcher(range).matches()) {
        throw new SandboxException(
            IMPORT_REFUSED,
            "package.json: dependency \"%s\" is \"%s\": only versions from the registry are installed."
                .formatted(Printable.of(name), Printable.of(range)));
      }
      imports.putIfAbsent(name, target);
    }
  }
}
