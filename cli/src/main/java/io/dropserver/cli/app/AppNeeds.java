package io.dropserver.cli.app;

import io.dropserver.base.text.Sizes;
import io.dropserver.base.text.VisibleText;
import io.dropserver.cli.output.Terminal;
import io.dropserver.schema.instance.App;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Prints what an app needs, before a person decides whether an appspace runs it.
 *
 * @param lines what was printed
 */
record AppNeeds(Terminal terminal, List<String> lines) {
  AppNeeds(Terminal terminal) {
    this(terminal, new ArrayList<>());
  }

  /**
   * Returns what was printed as Markdown. It is a block of code, in which a forge interprets
   * nothing that an app wrote.
   */
  String markdown() {
    return lines.stream().map(line -> "    " + line + "\n").collect(Collectors.joining());
  }

  void print(AppAddition.Added added) {
    String packages = added.packages() == 1 ? "package" : "packages";
    line("app", added.entry().app() + " " + added.manifest().version() + ", " + source(added));
    line(
        "size",
        added.packages() + " " + packages + ", " + Sizes.text(added.bytes()) + " installed");
    needs(AppReport.Requests.of(added.manifest()));
  }

  /** Prints the result of a trial of a package, without the name that an App document gives it. */
  void print(AppReport.Tried app) {
    line(
        "app",
        app.name() + " " + app.version() + ", " + app.entrypoint() + ", runtime " + app.runtime());
    String files = app.files() == 1 ? "1 file" : app.files() + " files";
    line("package", files + ", " + Sizes.text(app.packageBytes()));
    line("installed", Sizes.text(app.installedBytes()) + " of dependencies and caches");
    line("cold start", String.format(Locale.ROOT, "%.2f s", app.coldStartMillis() / 1000.0));
    line("GET /", app.rootStatus().map(status -> "status " + status).orElse("unknown"));
    needs(app.requests());
  }

  private static String source(AppAddition.Added added) {
    return switch (added.entry().declared().source()) {
      case App.NpmSource npm -> npm.specifier();
      case App.GitRepositorySource git -> "git " + git.url() + " at " + git.commit();
      case App.PackageSource archive -> archive.url() + " with sha256 " + archive.sha256();
      case App.PathSource folder -> folder.path();
    };
  }

  private void needs(AppReport.Requests requests) {
    line("arguments", list(requests.arguments()));
    line(
        "destinations",
        list(
            requests.egress().stream()
                .map(it -> String.join(" ", it.methods()) + " " + it.url() + reason(it.reason()))
                .toList()));
    line(
        "browser",
        list(requests.browser().stream().map(it -> it.feature() + reason(it.reason())).toList()));
    line(
        "permissions",
        list(
            requests.permissions().stream()
                .map(permission -> permission.name() + reason(permission.description()))
                .toList()));
    line(
        "jobs",
        list(
            requests.jobs().stream()
                .map(job -> job.name() + reason(job.schedule() + " " + job.path()))
                .toList()));
  }

  private static String reason(String text) {
    return text.isEmpty() ? "" : " (" + text + ")";
  }

  private static String list(List<String> items) {
    return items.isEmpty() ? "none" : String.join(", ", items);
  }

  private void line(String name, String value) {
    String line = "%-13s %s".formatted(name + ":", VisibleText.line(value));
    lines.add(line);
    terminal.out().println(line);
  }
}
