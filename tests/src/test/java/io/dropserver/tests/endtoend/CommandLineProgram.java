package io.dropserver.tests.endtoend;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Runs {@code dropserver} as a process to its end.
 *
 * @param exitCode 0 for success or no difference, 1 for an error, 2 for a difference; see the
 *     documentation
 */
record CommandLineProgram(int exitCode, String out, String err) {
  private static final long TIMEOUT_SECONDS = 300;

  static CommandLineProgram run(String... arguments) throws IOException, InterruptedException {
    return run(List.of(), arguments);
  }

  /**
   * @param javaOptions additional options of the JVM
   */
  static CommandLineProgram run(List<String> javaOptions, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(java());
    command.add(1, "-XX:TieredStopAtLevel=1");
    command.addAll(1, javaOptions);
    command.addAll(List.of(arguments));
    Path err = Files.createTempFile("dropserver", ".err");
    try {
      Process process = new ProcessBuilder(command).redirectError(err.toFile()).start();
      process.getOutputStream().close();
      String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IOException(String.join(" ", arguments) + " did not end");
      }
      return new CommandLineProgram(process.exitValue(), out, Files.readString(err));
    } finally {
      Files.delete(err);
    }
  }

  /** The command that starts the program, without its arguments. */
  static List<String> java() {
    String classpath =
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
            .filter(entry -> !entry.startsWith(Path.of("target").toAbsolutePath().toString()))
            .collect(Collectors.joining(File.pathSeparator));
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-XX:+UseSerialGC");
    command.add("-Xmx512m");
    command.add("-Ddropserver.home=" + checkout());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("--sun-misc-unsafe-memory-access=allow");
    command.add("-Xlog:disable");
    command.add("-Xlog:all=error:stderr");
    command.add("-cp");
    command.add(classpath);
    command.add("io.dropserver.cli.Main");
    command.addAll(1, ClassCache.options(command, classpath));
    return command;
  }

  /**
   * Creates the folder {@code bin} with a script that runs the program.
   *
   * @param folder the sandbox users may pass through it afterwards
   * @return the folder for the variable PATH
   */
  static Path installed(Path folder) throws IOException {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    Path programs = Files.createDirectory(folder.resolve("bin"));
    String command = java().stream().map(word -> "'" + word + "'").collect(Collectors.joining(" "));
    Path program = programs.resolve("dropserver");
    Files.writeString(program, "#!/bin/sh\nexec " + command + " \"$@\"\n");
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    return programs;
  }

  /** Returns the root of the source tree. Tests run in a module's folder. */
  static Path checkout() {
    return Objects.requireNonNull(Path.of("").toAbsolutePath().getParent());
  }
}
