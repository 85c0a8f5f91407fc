package io.dropserver.schema.host;

import io.dropserver.schema.document.MappingFields;
import io.dropserver.schema.document.Node;
import io.dropserver.schema.document.Quoting;
import io.dropserver.schema.instance.Location;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Reads fields that name files of this machine.
 *
 * @param folder the base of relative paths
 */
record FileFields(Path folder) {
  private static final Set<PosixFilePermission> OTHER_USERS =
      Set.of(PosixFilePermission.OTHERS_READ, PosixFilePermission.OTHERS_WRITE);

  /** Returns a path, whether or not the file exists. */
  Optional<Path> path(MappingFields mappingFields, String key) {
    return mappingFields
        .text(key)
        .flatMap(text -> resolve(mappingFields, mappingFields.location(key), text));
  }

  /** Returns a file that must exist. */
  Optional<Path> file(MappingFields mappingFields, String key) {
    return mappingFields
        .text(key)
        .flatMap(text -> existing(mappingFields, mappingFields.location(key), text));
  }

  /** Returns a file that must exist and must not be accessible to other users of the machine. */
  Optional<Path> secret(MappingFields mappingFields, String key) {
    return mappingFields
        .text(key)
        .flatMap(text -> secret(mappingFields, mappingFields.location(key), text));
  }

  /** Returns paths, whether or not the files exist. */
  List<Path> paths(MappingFields mappingFields, String key) {
    List<Path> paths = new ArrayList<>();
    for (Node.Scalar scalar : mappingFields.scalars(key)) {
      resolve(mappingFields, scalar.location(), scalar.text()).ifPresent(paths::add);
    }
    return List.copyOf(paths);
  }

  List<Path> files(MappingFields mappingFields, String key) {
    List<Path> paths = new ArrayList<>();
    for (Node.Scalar scalar : mappingFields.scalars(key)) {
      existing(mappingFields, scalar.location(), scalar.text()).ifPresent(paths::add);
    }
    return List.copyOf(paths);
  }

  List<Path> secrets(MappingFields mappingFields, String key) {
    List<Path> paths = new ArrayList<>();
    for (Node.Scalar scalar : mappingFields.scalars(key)) {
      secret(mappingFields, scalar.location(), scalar.text()).ifPresent(paths::add);
    }
    return List.copyOf(paths);
  }

  private Optional<Path> resolve(MappingFields mappingFields, Location at, String text) {
    try {
      return Optional.of(folder.resolve(text).normalize());
    } catch (InvalidPathException e) {
      mappingFields.problem(
          at, Quoting.quote(text) + " is not a path", "write a path on this machine");
      return Optional.empty();
    }
  }

  private Optional<Path> existing(MappingFields mappingFields, Location at, String text) {
    Optional<Path> path = resolve(mappingFields, at, text);
    if (path.isPresent() && !Files.isRegularFile(path.get())) {
      mappingFields.problem(
          at,
          "the file " + Quoting.quote(path.get().toString()) + " does not exist",
          "create it, or correct the path");
    } else if (path.isPresent() && !Files.isReadable(path.get())) {
      mappingFields.problem(
          at,
          "the file " + Quoting.quote(path.get().toString()) + " cannot be read",
          "make it readable for the user that the server runs as");
    }
    return path;
  }

  private Optional<Path> secret(MappingFields mappingFields, Location at, String text) {
    Optional<Path> path = existing(mappingFields, at, text);
    if (path.isPresent() && isAccessibleToOthers(path.get())) {
      mappingFields.problem(
          at,
          "the secret " + Quoting.quote(path.get().toString()) + " is accessible to other users",
          "chmod 600 " + path.get());
    }
    return path;
  }

  private static boolean isAccessibleToOthers(Path file) {
    try {
      return Files.getPosixFilePermissions(file).stream().anyMatch(OTHER_USERS::contains);
    } catch (IOException e) {
      return false; // an unreadable file has been reported already
    }
  }
}
