package io.dropserver.tests.containers;

import io.dropserver.tests.Checkout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A bare repository with the example instance, which containers mount read-only. */
final class ContainerRepository {
  private ContainerRepository() {}

  /** Creates the repository with one commit. */
  static Path create(Path folder) throws IOException, InterruptedException {
    Path work = folder.resolve("work");
    Files.createDirectories(folder);
    run("cp", "-r", Checkout.root().resolve("example-instance-repo").toString(), work.toString());
    git(work, "init", "-q", "-b", "main");
    git(work, "add", "-A");
    git(
        work,
        "-c",
        "user.name=Alice",
        "-c",
        "user.email=alice@localhost",
        "commit",
        "-qm",
        "The example");
    Path bare = folder.resolve("home.git");
    git(folder, "clone", "-q", "--bare", work.toString(), bare.toString());
    return bare;
  }

  private static void git(Path folder, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("git", "-C", folder.toString()));
    command.addAll(List.of(arguments));
    run(command.toArray(String[]::new));
  }

  private static void run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).inheritIO().start();
    if (process.waitFor() != 0) {
      throw new IOException(String.join(" ", command) + " failed");
    }
  }
}
