package io.dropserver.cli.app;

import io.dropserver.base.text.DnsLabel;
import io.dropserver.base.text.VisibleText;
import io.dropserver.cli.command.Context;
import io.dropserver.cli.output.CommandException;
import io.dropserver.cli.output.ExitCode;
import io.dropserver.cli.repository.GitProgram;
import io.dropserver.sandbox.deno.RuntimeFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "new",
    description = "Write a small, complete app into a new folder: notes that all members share.",
    footer = {
      "",
      "Templates: fetch (a handler without packages), hono and express (with a locked package),",
      "spa (static pages with a JSON API).",
      "",
      "Example:",
      "  dropserver app new notes --template hono"
    })
final class AppNewCommand implements Callable<Integer> {
  private static final String NAME_IN_TEMPLATE = "@NAME@";

  private final Context context;

  @Parameters(
      paramLabel = "NAME",
      description = "Name of the app and of its new folder; may be a path.")
  @SuppressWarnings("NullAway.Init") // required by picocli
  Path folder;

  @Option(
      names = "--template",
      paramLabel = "fetch|hono|express|spa",
      defaultValue = "fetch",
      description = "The kind of app (default: ${DEFAULT-VALUE}).")
  Template template = Template.fetch;

  AppNewCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws IOException {
    String name = String.valueOf(folder.toAbsolutePath().normalize().getFileName());
    if (!DnsLabel.isValid(name)) {
      throw new CommandException(
          VisibleText.line(name) + " is not a name of an app",
          "use 1 to 63 lower case letters, digits and dashes");
    }
    if (Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
      throw new CommandException(folder + " exists", "choose a name of a new folder");
    }
    for (String file : template.files()) {
      write(template.name() + "/" + file, file, name);
    }
    write("shared/notes.ts", "notes.ts", name);
    write("shared/style.css", template == Template.spa ? "public/style.css" : "style.css", name);
    Files.writeString(folder.resolve(".gitignore"), "node_modules/\n*.tar.gz\n*.tar.gz.sig\n");
    RuntimeFiles.writeTypesTo(folder);
    GitProgram git = new GitProgram();
    if (git.tryRun(folder, "rev-parse", "--is-inside-work-tree").isEmpty()) {
      git.makeRepository(folder);
    }
    context.print("wrote the app " + name + " to " + folder);
    context.print("next: dropserver app dev " + folder);
    context.print("      dropserver app check " + folder);
    context.print("      dropserver app pack " + folder);
    return ExitCode.OK;
  }

  private void write(String template, String file, String name) throws IOException {
    String resource = "template/" + template;
    Path target = folder.resolve(file);
    Files.createDirectories(Objects.requireNonNull(target.getParent()));
    try (InputStream in = AppNewCommand.class.getResourceAsStream(resource)) {
      byte[] content = Objects.requireNonNull(in, resource).readAllBytes();
      String text = new String(content, StandardCharsets.UTF_8);
      Files.writeString(target, text.replace(NAME_IN_TEMPLATE, displayName(name)));
    }
  }

  private static String displayName(String name) {
    String words = name.replace('-', ' ');
    return words.substring(0, 1).toUpperCase(Locale.ROOT) + words.substring(1);
  }

  /** Lower case, because these are the values on the command line. */
  enum Template {
    fetch,
    hono,
    express,
    spa;

    private List<String> files() {
      return switch (this) {
        case fetch -> List.of("dropapp.json", "main.ts");
        case hono, express -> List.of("dropapp.json", "main.ts", "deno.json", "deno.lock");
        case spa -> List.of("dropapp.json", "main.ts", "public/index.html", "public/app.js");
      };
    }
  }
}
