package io.dropserver.cli.secret;

import io.dropserver.cli.command.Context;
import io.dropserver.cli.output.ExitCode;
import io.dropserver.reconciler.sops.AgeRecipients;
import io.dropserver.reconciler.sops.PlainSecret;
import io.dropserver.reconciler.sops.SecretFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "encrypt",
    description = {
      "Replace a Secret document in clear text by its encrypted form, for a repository.",
      "Needs only public keys."
    },
    footer = {"", "Example:", "  dropserver secret encrypt secrets/weather.yaml --recipient age1…"})
final class SecretEncryptCommand implements Callable<Integer> {
  private final Context context;

  @Parameters(paramLabel = "FILE", description = "A document of kind Secret.")
  Path file = Path.of("");

  @Option(
      names = {"-r", "--recipient"},
      paramLabel = "KEY",
      required = true,
      description = "Public age key that may decrypt the file; can be given several times.")
  List<String> recipients = new ArrayList<>();

  SecretEncryptCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws IOException {
    SecretDocument document = new SecretDocument(file);
    AgeRecipients keys = SecretDocument.recipients(recipients);
    PlainSecret plain = document.readPlain();
    document.write(SecretFile.encrypt(plain, keys, context.clock().instant()));
    context.print(
        "encrypted " + file + " for " + recipients.stream().distinct().count() + " recipient(s)");
    return ExitCode.OK;
  }
}
