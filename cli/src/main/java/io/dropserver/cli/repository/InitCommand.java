package io.dropserver.cli.repository;

import io.dropserver.cli.command.Context;
import io.dropserver.cli.output.CommandException;
import io.dropserver.cli.output.ExitCode;
import io.dropserver.sandbox.deno.RuntimeFiles;
import io.dropserver.schema.document.SchemaExport;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
    name = "init",
    description = "Create a new instance repository: valid, with comments and one small app.",
    footer = {
      "",
      "Example:",
      "  dropserver init home && cd home && git commit -m 'Begin' && dropserver validate"
    })
final class InitCommand implements Callable<Integer> {
  private static final List<String> FILES =
      List.of(
          "README.md",
          "instance.yaml",
          "users/me.yaml",
          "apps/hello.yaml",
          "apps/hello/dropapp.json",
          "apps/hello/main.ts",
          "appspaces/hello.yaml");

  private final Context context;

  @Parameters(paramLabel = "DIR", description = "A folder that does not exist or is empty.")
  @SuppressWarnings("NullAway.Init") // required by picocli
  Path folder;

  InitCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws IOException {
    if (Files.exists(folder) && !isEmpty(folder)) {
      throw new CommandException(folder + " is not empty", "choose a new folder");
    }
    for (String file : FILES) {
      Path target = folder.resolve(file);
      Files.createDirectories(Objects.requireNonNull(target.getParent()));
      try (InputStream template = InitCommand.class.getResourceAsStream("init/" + file)) {
        Files.copy(Objects.requireNonNull(template, file), target);
      }
    }
    // Written here instead of copied from a resource file: a .gitignore in this project's source
    // tree would apply to the sources themselves.
    Files.writeString(folder.resolve(".gitignore"), ".schemas/\nnode_modules/\n");
    RuntimeFiles.writeTypesTo(folder.resolve("apps/hello"));
    SchemaExport.writeTo(folder.resolve(".schemas"));
    boolean underGit = new GitProgram().makeRepository(folder);
    String next = underGit ? "git -C %s commit -m 'Begin'" : "put %s under Git";
    PrintStream out = context.terminal().out();
    out.println("wrote an instance repository to " + folder);
    out.println("next: " + next.formatted(folder));
    out.println("      dropserver run --repo " + folder + " --state " + folder + "-state");
    return ExitCode.OK;
  }

  private static boolean isEmpty(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.findAny().isEmpty();
    }
  }
}
