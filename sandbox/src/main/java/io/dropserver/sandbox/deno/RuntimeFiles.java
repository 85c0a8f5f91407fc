package io.dropserver.sandbox.deno;

import io.dropserver.sandbox.SandboxException;
import io.dropserver.state.condition.SandboxReason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;

/** The TypeScript that runs inside every sandbox, bundled in the jar. */
public final class RuntimeFiles {
  /** The file with the types for apps. */
  public static final String TYPES = "dropserver.d.ts";

  private static final List<String> NAMES =
      List.of(
          TYPES,
          "cron.ts",
          "first_start.ts",
          "host.ts",
          "inspector.ts",
          "inspector_break.ts",
          "main.ts",
          "node_clients.ts",
          "node_servers.ts",
          "preload.ts",
          "refusal.ts",
          "serve.ts",
          "wait.ts");

  private RuntimeFiles() {}

  /**
   * Writes the files with permissions that let every sandbox user read them. An existing file with
   * the same content keeps its modification time, which Deno uses to validate its compiled form.
   *
   * @throws SandboxException reason {@code LaunchFailed}
   */
  public static void writeTo(Path folder) {
    try {
      Files.createDirectories(folder);
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
      for (String name : NAMES) {
        write(folder.resolve(name), content(name));
      }
    } catch (IOException e) {
      throw new SandboxException(
          SandboxReason.LAUNCH_FAILED, "cannot write " + folder + ": " + e, e);
    }
  }

  /** Writes the types for apps into a folder. */
  public static void writeTypesTo(Path folder) throws IOException {
    write(folder.resolve(TYPES), content(TYPES));
  }

  private static void write(Path file, byte[] content) throws IOException {
    if (Files.isRegularFile(file) && Arrays.equals(Files.readAllBytes(file), content)) {
      return;
    }
    Path temporary = file.resolveSibling(file.getFileName() + ".new");
    Files.write(temporary, content);
    Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rw-r--r--"));
    Files.move(
        temporary, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }

  private static byte[] content(String name) throws IOException {
    try (InputStream input = RuntimeFiles.class.getResourceAsStream("runtime/" + name)) {
      if (input == null) {
        throw new IOException("this build does not contain runtime/" + name);
      }
      return input.readAllBytes();
    }
  }
}
