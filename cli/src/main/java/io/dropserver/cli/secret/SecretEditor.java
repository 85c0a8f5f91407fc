package io.dropserver.cli.secret;

import io.dropserver.base.process.Program;
import io.dropserver.base.process.ProgramEnd;
import io.dropserver.base.text.VisibleText;
import io.dropserver.cli.output.CommandException;
import io.dropserver.reconciler.sops.PlainSecret;
import io.dropserver.reconciler.sops.SecretFile;
import io.dropserver.reconciler.sops.SopsException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Lets a person edit a document in clear text.
 *
 * @param memory contains the clear text
 */
record SecretEditor(MemoryFolder memory, Map<String, String> environment) {
  /** Starts the first line with which a mistake is shown in the editor. */
  private static final String MISTAKE = "# not encrypted yet: ";

  private static final int MAX_ATTEMPTS = 20;

  /**
   * Returns the edited document; empty if it was not changed. After a mistake, the editor is
   * started again, with the mistake in the first line. If the person leaves it unchanged, the
   * mistake is thrown.
   *
   * @param name the file in messages
   */
  Optional<PlainSecret> edit(String name, PlainSecret before) throws IOException {
    byte[] original = SecretFile.text(before);
    byte[] shown = original;
    CommandException mistake = null;
    for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      Path file = memory.write("secret.yaml", shown);
      run(file);
      byte[] edited = read(file);
      if (Arrays.equals(edited, shown)) {
        if (mistake == null) {
          return Optional.empty();
        }
        throw mistake;
      }
      byte[] text = withoutMistake(edited);
      try {
        PlainSecret plain = PlainSecret.parse(name, text);
        return plain.equals(before) ? Optional.empty() : Optional.of(plain);
      } catch (SopsException e) {
        mistake =
            new CommandException(
                e.problem().location() + ": " + e.problem().message(),
                "nothing was written; " + e.problem().hint().orElse("edit the file again"));
        shown = withMistake(text, e.problem().toString());
      }
    }
    throw new CommandException(
        "the document is still not valid", "nothing was written; start the command again");
  }

  private void run(Path file) throws IOException {
    String editor =
        Optional.ofNullable(environment.get("VISUAL"))
            .or(() -> Optional.ofNullable(environment.get("EDITOR")))
            .filter(command -> !command.isBlank())
            .orElse("vi");
    // As git does: the variable is a command of the shell and may have options.
    ProgramEnd end =
        Program.of("sh", "-c", editor + " \"$1\"", "editor", file.toString())
            .inheritEnvironment()
            .onTerminal()
            .run();
    if (end.status() != 0) {
      throw new CommandException(
          "the editor failed with exit code " + end.status(),
          "nothing was written; set VISUAL or EDITOR to a working editor");
    }
  }

  private static byte[] read(Path file) throws IOException {
    try (var in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(SecretFile.MAX_BYTES + 1);
      if (bytes.length > SecretFile.MAX_BYTES) {
        throw new CommandException(
            "the document has more than 1 MiB", "nothing was written; split the document");
      }
      return bytes;
    }
  }

  private static byte[] withMistake(byte[] text, String mistake) {
    String first = MISTAKE + VisibleText.line(mistake) + "\n";
    return (first + new String(text, StandardCharsets.UTF_8)).getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] withoutMistake(byte[] text) {
    List<String> lines = new String(text, StandardCharsets.UTF_8).lines().toList();
    boolean marked = !lines.isEmpty() && lines.getFirst().startsWith(MISTAKE);
    return marked
        ? (String.join("\n", lines.subList(1, lines.size())) + "\n")
            .getBytes(StandardCharsets.UTF_8)
        : text;
  }
}
