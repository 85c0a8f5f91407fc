package io.dropserver.reconciler.sops;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The files that real sops and age wrote, in {@code src/test/resources}. */
final class Vectors {
  private Vectors() {}

  /**
   * @param identities names of key files
   */
  record Row(String file, boolean accepted, List<String> identities, List<String> cells) {
    @Override
    public String toString() {
      return file + " with " + identities;
    }
  }

  static Stream<Row> rows(String table) {
    return text(table)
        .lines()
        .skip(1)
        .map(line -> List.of(line.split("\t", -1)))
        .map(
            cells ->
                new Row(
                    cells.get(0),
                    cells.get(1).equals("0"),
                    List.of(cells.get(3).split(" ")),
                    cells));
  }

  static AgeIdentities identities(List<String> files) {
    try {
      return AgeIdentities.parse(
          "keys", files.stream().map(Vectors::text).collect(Collectors.joining()));
    } catch (SopsException e) {
      throw new AssertionError(e);
    }
  }

  /** Files of age are stored in Base64, because the repository contains text only. */
  static byte[] bytes(String name) {
    try (InputStream in = Vectors.class.getResourceAsStream(stored(name))) {
      byte[] bytes = Objects.requireNonNull(in, name).readAllBytes();
      return isOfAge(name) ? Base64.getMimeDecoder().decode(bytes) : bytes;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static boolean has(String name) {
    return Vectors.class.getResource(stored(name)) != null;
  }

  private static String stored(String name) {
    return "vectors/" + name + (isOfAge(name) ? ".base64" : "");
  }

  private static boolean isOfAge(String name) {
    return name.endsWith(".age");
  }

  static String text(String name) {
    return new String(bytes(name), StandardCharsets.UTF_8);
  }
}
