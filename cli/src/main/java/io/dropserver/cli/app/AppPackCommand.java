package io.dropserver.cli.app;

import io.dropserver.base.text.Sizes;
import io.dropserver.base.text.VisibleText;
import io.dropserver.cli.command.Context;
import io.dropserver.cli.output.ExitCode;
import io.dropserver.sandbox.app.PackageWriter.Written;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "pack",
    description = {
      "Write an app as a package, and print the entry of an App document for it.",
      "The same files give the same package: entries are sorted, and have a fixed time, owner and"
          + " mode."
    },
    footer = {
      "",
      "Files that Git ignores are left out, also outside a repository. Files whose names are usual",
      "for credentials cause a warning. `dropserver app check` tries the app before.",
      "The signature is in the file PACKAGE.sig, for the namespace dropserver-app.",
      "",
      "Example:",
      "  dropserver app pack notes --sign ~/.ssh/id_ed25519"
    })
final class AppPackCommand implements Callable<Integer> {
  private final Context context;

  @Parameters(
      arity = "0..1",
      paramLabel = "DIR",
      defaultValue = ".",
      description = "The app's folder (default: the current folder).")
  Path folder = Path.of(".");

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "The package (default: NAME-VERSION.tar.gz in the current folder).")
  @Nullable Path output;

  @Option(
      names = "--sign",
      paramLabel = "KEY",
      description = "Sign with this SSH key: a private key, or a public key of an agent.")
  @Nullable Path key;

  AppPackCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws IOException {
    AppFolder app = AppFolder.read(folder);
    app.inferred().forEach(context::print);
    Path target = output == null ? Path.of(app.packageName()) : output;
    Path incomplete = target.resolveSibling(target.getFileName() + ".new");
    try {
      AppFolder.Packed packed = app.pack(target, incomplete);
      if (key != null) {
        SshKeygen.sign(incomplete, key, target.resolveSibling(target.getFileName() + ".sig"));
      }
      Files.move(incomplete, target, StandardCopyOption.REPLACE_EXISTING);
      print(app, target, packed.written());
      SecretFiles.warning(packed.secrets()).ifPresent(context.terminal().err()::println);
    } finally {
      Files.deleteIfExists(incomplete);
    }
    return ExitCode.OK;
  }

  private void print(AppFolder app, Path target, Written written) {
    PrintStream out = context.terminal().out();
    String files = written.files() == 1 ? "1 file" : written.files() + " files";
    context.print("wrote " + target + ": " + files + ", " + Sizes.text(written.bytes()));
    if (key != null) {
      context.print("wrote " + target + ".sig");
    }
    out.println("sha256 " + written.sha256());
    out.println();
    out.println("Publish it, and add this entry to the App document, with its real URL:");
    out.println();
    out.println("    - version: " + VisibleText.line(app.manifest().version()));
    out.println("      source:");
    out.println("        package: https://apps.example.org/" + target.getFileName());
    out.println("        sha256: " + written.sha256());
  }
}
