package io.dropserver.reconciler.cli;

import io.dropserver.reconciler.server.AppTrial;
import io.dropserver.reconciler.server.NpmTrial;
import io.dropserver.sandbox.InstalledApp;
import io.dropserver.sandbox.app.PackageWriter;
import io.dropserver.schema.instance.DropappManifest;
import io.dropserver.schema.text.Sizes;
import io.dropserver.schema.text.VisibleText;
import java.util.List;
import java.util.Locale;

/** Prints what an app needs, before a person decides whether an appspace runs it. */
record AppNeeds(Terminal terminal) {

  void print(AppEntry entry, NpmTrial.Outcome outcome) {
    DropappManifest manifest = entry.source().manifest();
    String packages = outcome.packages() == 1 ? "package" : "packages";
    line("app", entry.app() + " " + manifest.version() + ", " + entry.source().specifier());
    line(
        "size",
        outcome.packages() + " " + packages + ", " + Sizes.text(outcome.bytes()) + " installed");
    needs(manifest);
  }

  /** Prints the result of a trial of a package, without the name that an App document gives it. */
  void print(AppTrial.Outcome outcome, PackageWriter.Written written) {
    InstalledApp app = outcome.app();
    DropappManifest manifest = app.manifest();
    String runtime = app.runtime().name().toLowerCase(Locale.ROOT);
    line(
        "app",
        manifest.name()
            + " "
            + manifest.version()
            + ", "
            + manifest.entrypoint()
            + ", runtime "
            + runtime);
    String files = written.files() == 1 ? "1 file" : written.files() + " files";
    line("package", files + ", " + Sizes.text(written.bytes()));
    line("installed", Sizes.text(outcome.bytes()) + " of dependencies and caches");
    line(
        "cold start",
        String.format(Locale.ROOT, "%.2f s", outcome.coldStart().toMillis() / 1000.0));
    needs(manifest);
  }

  private void needs(DropappManifest manifest) {
    line("arguments", list(manifest.launchOptions().args()));
    line(
        "destinations",
        list(
            manifest.egress().stream()
                .map(it -> String.join(" ", it.methods()) + " " + it.url() + reason(it.reason()))
                .toList()));
    line(
        "browser",
        list(manifest.browser().stream().map(it -> it.feature() + reason(it.reason())).toList()));
    line(
        "permissions",
        list(
            manifest.permissions().stream()
                .map(permission -> permission.name() + reason(permission.description()))
                .toList()));
  }

  private static String reason(String text) {
    return text.isEmpty() ? "" : " (" + text + ")";
  }

  private static String list(List<String> items) {
    return items.isEmpty() ? "none" : String.join(", ", items);
  }

  private void line(String name, String value) {
    terminal.out().println("%-13s %s".formatted(name + ":", VisibleText.line(value)));
  }
}
