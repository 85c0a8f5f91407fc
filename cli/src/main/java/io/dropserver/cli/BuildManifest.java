package io.dropserver.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import org.jspecify.annotations.Nullable;

/** Reads the manifest that the build wrote into a jar. */
final class BuildManifest {
  private BuildManifest() {}

  /** Returns the main attributes of the jar of a class; none if the class is not in a jar. */
  static Attributes ofClass(Class<?> type) {
    @Nullable CodeSource source = type.getProtectionDomain().getCodeSource();
    if (source == null || source.getLocation() == null) {
      return new Attributes();
    }
    try {
      return ofJar(Path.of(source.getLocation().toURI()));
    } catch (URISyntaxException e) {
      return new Attributes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Attributes ofJar(Path jar) throws IOException {
    if (!Files.isRegularFile(jar)) {
      return new Attributes();
    }
    try (JarFile file = new JarFile(jar.toFile())) {
      @Nullable Manifest manifest = file.getManifest();
      return manifest == null ? new Attributes() : manifest.getMainAttributes();
    }
  }
}
