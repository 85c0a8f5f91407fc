package io.dropserver.reconciler.update;

import io.dropserver.base.text.Sizes;
import io.dropserver.reconciler.approval.SanitizedText;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Writes the texts about a new version. Text from an app or a registry is in code blocks, one inert
 * line each, and never becomes markup, a mention or a link.
 */
record UpdateText(UpdateReport report) {
  /** Prefix of the trailer that marks the server's commits. */
  static final String TRAILER = "Dropserver-Update: ";

  private static final int MAX_LINES = 40;

  String title() {
    return "Update %s from %s to %s".formatted(report.app(), report.from(), report.to());
  }

  /** Returns one sentence for status and conditions. */
  String summary() {
    return sentence("newly asks for " + String.join("; ", asks()));
  }

  /**
   * Returns one sentence for push options, which forges show as Markdown. Contains no text of an
   * app, because a push option is one line and cannot contain a block of code.
   */
  String description() {
    int asks = report.asks().lines().size();
    return sentence(
        "newly asks for %d %s, which the message of its commit lists"
            .formatted(asks, asks == 1 ? "thing" : "things"));
  }

  private String sentence(String asking) {
    String asks = report.asks().isEmpty() ? "asks for nothing new" : asking;
    String data = report.migration() ? "migrates the data" : "needs no migration";
    return "%s %s %s, and %s".formatted(report.app(), report.to(), asks, data);
  }

  String commitMessage() {
    return "%s\n\n%s.\n%s.\nIt was installed in a sandbox and passed its self-check.\n\n%s%s %s\n"
        .formatted(title(), summary(), appspaces(), TRAILER, report.app(), report.to());
  }

  /** Returns the description of a pull request, in Markdown. */
  String body() {
    List<String> lines = new ArrayList<>();
    lines.add("| | |");
    lines.add("|---|---|");
    lines.add("| App | `" + report.app() + "` " + report.from() + " → " + report.to() + " |");
    lines.add("| Source | `" + line(report.origin()).replace("|", "%7C") + "` |");
    lines.add("| Size | " + size() + " |");
    lines.add("| Migration | " + migration() + " |");
    lines.add("| Self-check | passed, in a sandbox without network and data |");
    lines.add("");
    if (report.asks().isEmpty()) {
      lines.add("It asks for nothing new.");
    } else {
      lines.add("⚠️ It newly asks for this; its reasons are unverified:");
      lines.add("");
      asks().forEach(line -> lines.add("    " + line));
      lines.add("");
      lines.add("The update grants none of it: destinations become a request of their own.");
    }
    lines.add("");
    changes(lines);
    lines.add(appspaces() + ".");
    lines.add("");
    lines.add(
        "**Merging** is the upgrade. **Closing** is remembered: this version is not offered again,"
            + " only a later one.");
    return String.join("\n", lines) + "\n";
  }

  private void changes(List<String> lines) {
    report
        .difference()
        .ifPresent(
            difference -> {
              lines.add("Compared with " + report.from() + ": " + difference + ".");
              lines.add("");
            });
    report
        .changelog()
        .ifPresent(
            text -> {
              lines.add("The publisher's changelog begins so, unverified:");
              lines.add("");
              inert(text.lines().limit(MAX_LINES).toList())
                  .forEach(line -> lines.add("    " + line));
              lines.add("");
            });
  }

  private String size() {
    String bytes = Sizes.text(report.passed().bytes()) + " installed";
    return report.passed().packages().isPresent()
        ? bytes + ", " + report.passed().packages().getAsInt() + " packages"
        : bytes;
  }

  private String migration() {
    return report.migration()
        ? "yes: a program of the app converts the data of each appspace, after a backup"
        : "no";
  }

  private String appspaces() {
    List<String> changed = report.change().appspaces();
    String text =
        changed.isEmpty()
            ? "No appspace uses " + report.from() + ", so only the version is added"
            : "These appspaces get it: " + String.join(", ", changed);
    List<String> unchanged = report.change().unchanged();
    return unchanged.isEmpty()
        ? text
        : text + "; edit these by hand: " + String.join(", ", unchanged);
  }

  /** Returns what the version newly asks for. The number of omitted lines is the last line. */
  private List<String> asks() {
    List<String> all = report.asks().lines();
    List<String> shown = inert(all);
    if (all.size() > MAX_LINES) {
      shown.add("and " + (all.size() - MAX_LINES) + " more; read its manifest");
    }
    return shown;
  }

  /** Returns at most 40 lines, each safe to show. */
  private static List<String> inert(List<String> lines) {
    return lines.stream().limit(MAX_LINES).map(UpdateText::line).collect(Collectors.toList());
  }

  private static String line(String text) {
    return SanitizedText.of(text).orElse("");
  }
}
