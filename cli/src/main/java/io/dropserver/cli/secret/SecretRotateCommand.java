package io.dropserver.cli.secret;

import io.dropserver.cli.command.Context;
import io.dropserver.cli.output.ExitCode;
import io.dropserver.reconciler.sops.AgeIdentities;
import io.dropserver.reconciler.sops.AgeRecipients;
import io.dropserver.reconciler.sops.PlainSecret;
import io.dropserver.reconciler.sops.SecretFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "rotate",
    description = {
      "Encrypt files again, with new data keys, for exactly the recipients that you name.",
      "Recipients in the files are not used, because SOPS does not authenticate them."
    },
    footer = {
      "",
      "Example:",
      "  dropserver secret rotate secrets/*.yaml --key age.key --recipient age1…"
    })
final class SecretRotateCommand implements Callable<Integer> {
  private final Context context;

  @Parameters(arity = "1..*", paramLabel = "FILE", description = "Encrypted Secret documents.")
  List<Path> files = new ArrayList<>();

  @Option(
      names = "--key",
      paramLabel = "KEYFILE",
      description = "File with a private age key (default: $$SOPS_AGE_KEY_FILE).")
  @Nullable Path key;

  @Option(
      names = {"-r", "--recipient"},
      paramLabel = "KEY",
      required = true,
      description = "Public age key that may decrypt the files; can be given several times.")
  List<String> recipients = new ArrayList<>();

  SecretRotateCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws IOException {
    AgeRecipients keys = SecretDocument.recipients(recipients);
    AgeIdentities identities = SecretDocument.identities(key, context.terminal().environment());
    // Decrypt all files before the first one is written.
    Map<SecretDocument, PlainSecret> plain = new LinkedHashMap<>();
    for (Path file : files) {
      SecretDocument document = new SecretDocument(file);
      plain.put(document, document.decrypt(identities).plain());
    }
    for (var each : plain.entrySet()) {
      each.getKey().write(SecretFile.encrypt(each.getValue(), keys, context.clock().instant()));
      context.print("encrypted " + each.getKey().file() + " again");
    }
    return ExitCode.OK;
  }
}
