package io.dropserver.schema.host;

import io.dropserver.schema.document.MappingFields;
import io.dropserver.schema.document.Node;
import io.dropserver.schema.document.Quoting;
import io.dropserver.schema.instance.Location;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;

/**
 * Reads fields that name files of this machine. For one thread.
 *
 * @param folder the base of relative paths
 * @param named receives each file that a field names
 */
record FileFields(Path folder, NavigableSet<Path> named) {
  private static final Set<PosixFilePermission> OTHER_USERS =
      Set.of(PosixFilePermission.OTHERS_READ, PosixFilePermission.OTHERS_WRITE);

  private interface PathReader {
    Optional<Path> read(MappingFields mappingFields, Location at, String text);
  }

  /** Returns a path, whether or not the file exists. */
  Optional<Path> path(MappingFields mappingFields, String key) {
    return one(mappingFields, key, this::resolve);
  }

  /** Returns a file that must exist. */
  Optional<Path> file(MappingFields mappingFields, String key) {
    return one(mappingFields, key, this::existing);
  }

  /** Returns a file that must exist and must not be accessible to other users of the machine. */
  Optional<Path> secret(MappingFields mappingFields, String key) {
    return one(mappingFields, key, this::secret);
  }

  /** Returns a program that must exist and be executable. */
  Optional<Path> program(MappingFields mappingFields, Node.Scalar scalar) {
    Optional<Path> path = existing(mappingFields, scalar.location(), scalar.text());
    if (path.isPresent() && Files.isRegularFile(path.get()) && !Files.isExecutable(path.get())) {
      mappingFields.problem(
          scalar.location(),
          "the program " + Quoting.quote(path.get().toString()) + " is not executable",
          "chmod +x " + path.get());
    }
    return path;
  }

  /** Returns paths, whether or not the files exist. */
  List<Path> paths(MappingFields mappingFields, String key) {
    return all(mappingFields, key, this::resolve);
  }

  List<Path> files(MappingFields mappingFields, String key) {
    return all(mappingFields, key, this::existing);
  }

  /** Returns files that must contain certificates in PEM form. */
  List<Path> certificates(MappingFields mappingFields, String key) {
    return all(mappingFields, key, this::certificates);
  }

  List<Path> secrets(MappingFields mappingFields, String key) {
    return all(mappingFields, key, this::secret);
  }

  private static Optional<Path> one(MappingFields mappingFields, String key, PathReader reader) {
    return mappingFields
        .text(key)
        .flatMap(text -> reader.read(mappingFields, mappingFields.location(key), text));
  }

  private static List<Path> all(MappingFields mappingFields, String key, PathReader reader) {
    return mappingFields.scalars(key).stream()
        .flatMap(item -> reader.read(mappingFields, item.location(), item.text()).stream())
        .toList();
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
    path.ifPresent(named::add);
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
          isInKubernetesVolume(path.get())
              ? "set `defaultMode: 0400` in the Secret's volume of the pod"
              : "chmod 600 " + path.get());
    }
    return path;
  }

  /** The kubelet mounts a Secret as links through this folder, which nothing can change. */
  private static boolean isInKubernetesVolume(Path file) {
    return Files.isDirectory(file.resolveSibling("..data"));
  }

  private Optional<Path> certificates(MappingFields mappingFields, Location at, String text) {
    Optional<Path> path = existing(mappingFields, at, text);
    if (path.filter(Files::isReadable).filter(file -> !hasCertificates(file)).isPresent()) {
      mappingFields.problem(
          at,
          "the file " + Quoting.quote(path.get().toString()) + " contains no PEM certificates",
          "name a file that contains the certificate of an authority, in PEM form");
    }
    return path;
  }

  private static boolean hasCertificates(Path file) {
    try (InputStream input = Files.newInputStream(file)) {
      return !CertificateFactory.getInstance("X.509").generateCertificates(input).isEmpty();
    } catch (IOException | CertificateException e) {
      return !Files.isRegularFile(file); // which has been reported already
    }
  }

  private static boolean isAccessibleToOthers(Path file) {
    try {
      return Files.getPosixFilePermissions(file).stream().anyMatch(OTHER_USERS::contains);
    } catch (IOException e) {
      return false; // an unreadable file has been reported already
    }
  }
}
