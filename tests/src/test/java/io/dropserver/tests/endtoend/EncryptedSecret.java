package io.dropserver.tests.endtoend;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** The secret {@code api} of the appspace {@code one} as a document of kind Secret. */
final class EncryptedSecret {
  /** An age key of these tests only. */
  private static final String RECIPIENT =
      "age1v3qjls3jz02znpaux2hj7endnm0c7ut2x9vv9mxrj82x3mse8e3q09c7gw";

  private static final String IDENTITY =
      "AGE-SECRET-KEY-1DNF5Z6E3YA5TGV0AKGKS6NJFZFQG5R5H3QWJ5VZMGTX02N2TNLCSKA8R5Z";

  private EncryptedSecret() {}

  /** Writes the key for {@code secrets.ageKeyFile}. */
  static void writeKey(Path file) throws IOException {
    Files.writeString(file, IDENTITY + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }

  static String plain(String value) {
    return """
    apiVersion: dropserver.io/v1
    kind: Secret
    metadata: {name: api}
    spec:
      secrets:
        one:
          api: "%s"
    """
        .formatted(value);
  }

  /**
   * Returns the document that {@code dropserver secret encrypt} writes.
   *
   * @param folder receives the file
   */
  static String encrypt(Path folder, String value) throws IOException, InterruptedException {
    Path file = Files.writeString(folder.resolve("api.yaml"), plain(value));
    CommandLineProgram run =
        CommandLineProgram.run("secret", "encrypt", file.toString(), "--recipient", RECIPIENT);
    if (run.exitCode() != 0) {
      throw new IOException("secret encrypt: " + run.err());
    }
    return Files.readString(file);
  }
}
