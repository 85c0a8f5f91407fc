package io.dropserver.schema.read;

import io.dropserver.schema.document.MappingFields;
import io.dropserver.schema.document.Node.MappingEntry;
import io.dropserver.schema.document.Node.Scalar;
import io.dropserver.schema.document.Node.ScalarType;
import io.dropserver.schema.document.Quoting;
import io.dropserver.schema.document.YamlEnums;
import io.dropserver.schema.instance.DropappManifest.LaunchOptions;
import io.dropserver.schema.instance.DropappManifest.WorkingFolder;
import io.dropserver.schema.text.UnsafeCharacters;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Reads how a manifest wants its program to be started. Arguments and values become words of a
 * command line, in which a line feed or a NUL character would begin another word.
 */
final class LaunchFields {
  private static final int MAX_PATH = 200;

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
    for (MappingEntry entry : manifest.entries("files")) {
      String path = RelativePaths.clean(entry.key());
      if (!RelativePaths.isInside(path) || isHidden(path) || path.length() > MAX_PATH) {
        manifest.problem(
            entry.location(),
            Quoting.quote(path) + " is not a path of at most 200 characters inside the data folder",
            "write it from /data, with / between, without .., a leading / and .dropserver");
      } else if (entry.value() instanceof Scalar scalar && scalar.type() == ScalarType.TEXT) {
        files.put(path, scalar.text());
      }
    }
    requireNoFileIsAFolder(manifest, files);
    return files;
  }

  /** The host covers this folder, and an app cannot write into it. */
  private static boolean isHidden(String path) {
    return RelativePaths.isIn(path, ".dropserver");
  }

  private static void requireNoFileIsAFolder(
      MappingFields manifest, SortedMap<String, String> files) {
    for (String path : files.keySet()) {
      if (!files.subMap(path + "/", path + "0").isEmpty()) {
        manifest.problem(
            "files",
            Quoting.quote(path) + " is a file and the folder of another file",
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
