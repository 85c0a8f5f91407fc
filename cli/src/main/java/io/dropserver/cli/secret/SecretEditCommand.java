package io.dropserver.cli.secret;

import io.dropserver.cli.command.Context;
import io.dropserver.cli.output.CommandException;
import io.dropserver.cli.output.ExitCode;
import io.dropserver.reconciler.sops.PlainSecret;
import io.dropserver.reconciler.sops.SecretFile;
import io.dropserver.reconciler.sops.SecretFile.EditableSecret;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "edit",
    description = {
      "Edit an encrypted Secret document in $$VISUAL or $$EDITOR; the clear text stays in memory.",
      "The file keeps its recipients. A new file needs --recipient."
    },
    footer = {"", "Example:", "  dropserver secret edit secrets/weather.yaml --key ~/age.key"})
final class SecretEditCommand implements Callable<Integer> {
  private final Context context;

  @Parameters(paramLabel = "FILE", description = "An encrypted document, or a new file.")
  Path file = Path.of("");

  @Option(
      names = "--key",
      paramLabel = "KEYFILE",
      description = "File with a private age key (default: $$SOPS_AGE_KEY_FILE).")
  @Nullable Path key;

  @Option(
      names = {"-r", "--recipient"},
      paramLabel = "KEY",
      description = "For a new file: public age key that may decrypt it.")
  List<String> recipients = new ArrayList<>();

  SecretEditCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws IOException {
    SecretDocument document = new SecretDocument(file);
    if (!document.exists()) {
      return create(document);
    }
    if (!recipients.isEmpty()) {
      throw new CommandException(
          file + " exists and keeps its recipients", "change them with `dropserver secret rotate`");
    }
    EditableSecret secret =
        document.decrypt(SecretDocument.identities(key, context.terminal().environment()));
    return edit(document, secret.plain(), plain -> secret.with(plain, context.clock().instant()));
  }

  private int create(SecretDocument document) throws IOException {
    if (recipients.isEmpty()) {
      throw new CommandException(
          "there is no file " + file, "check the path, or name --recipient for a new file");
    }
    var keys = SecretDocument.recipients(recipients);
    String name = String.valueOf(file.getFileName()).replaceFirst("\\.ya?ml$", "");
    return edit(
        document,
        new PlainSecret("", name, new LinkedHashMap<>(), new LinkedHashMap<>()),
        plain -> SecretFile.encrypt(plain, keys, context.clock().instant()));
  }

  private int edit(
      SecretDocument document, PlainSecret before, Function<PlainSecret, String> encrypt)
      throws IOException {
    Map<String, String> environment = context.terminal().environment();
    try (MemoryFolder memory = MemoryFolder.create(environment)) {
      Optional<PlainSecret> edited =
          new SecretEditor(memory, environment).edit(file.toString(), before);
      if (edited.isEmpty()) {
        context.print("nothing was changed");
        return ExitCode.OK;
      }
      document.write(encrypt.apply(edited.get()));
      context.print("encrypted " + file);
      return ExitCode.OK;
    }
  }
}
