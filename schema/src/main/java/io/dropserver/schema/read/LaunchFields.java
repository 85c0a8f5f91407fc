package io.dropserver.schema.read;

import io.dropserver.base.text.UnsafeCharacters;
import io.dropserver.schema.document.MappingFields;
import io.dropserver.schema.document.Node.MappingEntry;
import io.dropserver.schema.document.Node.Scalar;
import io.dropserver.schema.document.Node.ScalarType;
import io.dropserver.schema.document.Quoting;
import io.dropserver.schema.document.YamlEnums;
import io.dropserver.schema.instance.DropappManifest.LaunchOptions;
import io.dropserver.schema.instance.DropappManifest.WorkingFolder;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Reads how a manifest wants its program to be started. Arguments and values become words of a
 * command line, in which a line feed or a NUL character would begin another word.
 */
final class LaunchFields {
  private static final int MAX_PATH = 200;

  /** The suffix of a file that {@code preload.ts} has not finished. */
  private static final String UNFINISHED = ".dropserver-new";

  /** The longest name of a file, so that the suffix fits into the 255 bytes of ext4. */
  private static final int MAX_NAME_BYTES = 255 - UNFINISHED.length();

  private LaunchFields() {}

  static LaunchOptions read(MappingFields manifest) {
    return new LaunchOptions(
        args(manifest),
        env(manifest),
        YamlEnums.of(manifest.text("cwd"), WorkingFolder.class, WorkingFolder.DATA),
        files(manifest));
  }

  private static SortedMap<String, String> files(MappingFields manifest) {
    SortedMap<String, String> files = new TreeMap<>();
    SortedMap<String, String> spellings = new TreeMap<>();
    for (MappingEntry entry : manifest.entries("files")) {
      String path = RelativePaths.clean(entry.key());
      Optional<String> earlier =
          isPath(path)
              ? Optional.ofNullable(spellings.putIfAbsent(folded(path), path))
              : Optional.empty();
      if (!isPath(path)) {
        manifest.problem(
            entry.location(),
            Quoting.quote(path) + " is not a path of at most 200 characters inside the data folder",
            "write it from /data, with / between, without .., a leading / and .dropserver");
      } else if (earlier.isPresent()) {
        manifest.problem(
            entry.location(),
            Quoting.quote(path)
                + " is another spelling of the file "
                + Quoting.quote(earlier.get()),
            "remove one of them");
      } else if (entry.value() instanceof Scalar scalar && scalar.type() == ScalarType.TEXT) {
        files.put(path, scalar.text());
      }
    }
    requireNoFileIsAFolder(manifest, spellings);
    return files;
  }

  private static boolean isPath(String path) {
    return RelativePaths.isInside(path)
        && path.length() <= MAX_PATH
        && !isReserved(folded(path))
        && Stream.of(path.split("/", -1))
            .allMatch(name -> name.getBytes(StandardCharsets.UTF_8).length <= MAX_NAME_BYTES);
  }

  /**
   * The host covers the folder {@code .dropserver}, and an app cannot write into it. A file is
   * written with the suffix and then renamed.
   */
  private static boolean isReserved(String path) {
    return RelativePaths.isIn(path, ".dropserver") || path.endsWith(UNFINISHED);
  }

  /**
   * Returns a text that is equal for paths that a reviewer, or a file system to which the data is
   * copied, may not distinguish.
   */
  private static String folded(String path) {
    return Normalizer.normalize(path, Normalizer.Form.NFKC)
        .toUpperCase(Locale.ROOT)
        .toLowerCase(Locale.ROOT);
  }

  private static void requireNoFileIsAFolder(
      MappingFields manifest, SortedMap<String, String> spellings) {
    for (Map.Entry<String, String> file : spellings.entrySet()) {
      if (!spellings.subMap(file.getKey() + "/", file.getKey() + "0").isEmpty()) {
        manifest.problem(
            "files",
            Quoting.quote(file.getValue()) + " is a file and the folder of another file",
            "write another path");
      }
    }
  }

  private static List<String> args(MappingFields manifest) {
    List<String> args = new ArrayList<>();
    for (Scalar scalar : manifest.scalars("args")) {
      if (scalar.type() == ScalarType.TEXT) {
        checkText(manifest, scalar, "the argument " + Quoting.quote(scalar.text()));
        args.add(scalar.text());
      }
    }
    return args;
  }

  private static SortedMap<String, String> env(MappingFields manifest) {
    SortedMap<String, String> env = new TreeMap<>();
    for (MappingEntry entry : manifest.entries("env")) {
      VariableNames.check(manifest, entry, "the variable");
      if (entry.value() instanceof Scalar scalar && scalar.type() == ScalarType.TEXT) {
        checkText(manifest, scalar, "the variable " + Quoting.quote(entry.key()));
        env.put(entry.key(), scalar.text());
      }
    }
    return env;
  }

  private static void checkText(MappingFields manifest, Scalar scalar, String subject) {
    if (UnsafeCharacters.NAME.isIn(scalar.text())) {
      manifest.problem(
          scalar.location(),
          subject + " contains a line break, a control character or an invisible character",
          "remove it");
    }
  }
}
