package io.dropserver.reconciler.cli;

import io.dropserver.reconciler.server.NpmTrial;
import io.dropserver.schema.instance.DropappManifest;
import io.dropserver.schema.text.Sizes;
import io.dropserver.schema.text.VisibleText;
import java.util.List;

/** Prints what an app needs, before a person decides whether an appspace runs it. */
record AppNeeds(Terminal terminal) {

  void print(AppEntry entry, NpmTrial.Outcome outcome) {
    DropappManifest manifest = entry.source().manifest();
    String packages = outcome.packages() == 1 ? "package" : "packages";
    line("app", entry.app() + " " + manifest.version() + ", " + entry.source().specifier());
    line(
        "size",
        outcome.packages() + " " + packages + ", " + Sizes.text(outcome.bytes()) + " installed");
    line("arguments", list(manifest.launchOptions().args()));
    line(
        "destinations",
        list(
            manifest.egress().stream()
                .map(it -> String.join(" ", it.methods()) + " " + it.url() + reason(it.reason()))
                .toList()));
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
