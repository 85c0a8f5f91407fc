package io.dropserver.cli.run;

import io.dropserver.cli.output.ExitCode;
import io.dropserver.sandbox.isolation.MountNamespace;
import io.dropserver.sandbox.linux.Umask;
import io.dropserver.state.AtomicFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "train",
    hidden = true,
    description =
        "Run the code of short commands or of a server, for the JVM to record in its start-up"
            + " cache.",
    footer = {"", "Example:", "  bin/dropserver --train-cache"})
final class TrainCommand implements Callable<Integer> {

  @Spec
  @SuppressWarnings("NullAway.Init") // set by picocli before the command is called
  CommandSpec spec;

  @Option(names = "--server", description = "Run the code of a server.")
  boolean server;

  @Override
  public Integer call() throws IOException {
    if (server) {
      Umask.makePrivate();
      // The threads of the first command would otherwise mount on the host.
      MountNamespace.enterOwn();
    }
    Path folder = Files.createTempDirectory("dropserver-train");
    try {
      train(spec.root().commandLine(), folder);
    } finally {
      AtomicFiles.deleteTree(folder);
    }
    return ExitCode.OK;
  }

  private void train(CommandLine root, Path folder) throws IOException {
    Path repository = folder.resolve("repository");
    if (server) {
      root.execute("init", repository.toString());
      new ServerTraining(repository, folder.resolve("state"), root.getErr()).run();
      return;
    }
    List<String[]> commands =
        List.of(
            new String[] {"--help"},
            new String[] {"--version"},
            new String[] {"version", "-o", "json"},
            new String[] {"init", repository.toString()},
            new String[] {"validate", repository.toString()},
            new String[] {"validate", repository.toString(), "-o", "json"},
            new String[] {"status", "--state", folder.toString()});
    commands.forEach(root::execute);
  }
}
