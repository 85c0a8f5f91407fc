package io.dropserver.reconciler.approval;

import static java.util.stream.Collectors.joining;

import io.dropserver.egress.Destination;
import io.dropserver.reconciler.edit.WhitelistEntry;
import io.dropserver.reconciler.edit.WhitelistEntry.ListName;
import io.dropserver.schema.instance.Appspace;
import io.dropserver.schema.instance.EgressWhitelist.WhitelistRule;
import io.dropserver.schema.instance.Instance;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Writes the texts that reviewers read. Input from an app never becomes markup, a mention or a
 * link: hosts contain only letters, digits, dots and dashes, and are in backquotes or without the
 * parts that forges turn into links. An app's reason is one line in a code block.
 */
final class RequestText {
  /** Prefix of the trailer that marks the server's commits. */
  static final String TRAILER = "Dropserver-Request: ";

  private static final int ALLOWED_SHOWN = 20;

  private RequestText() {}

  /**
   * Returns a title of one line. Omits the host's scheme and writes a leading {@code www.} as
   * {@code www[.]}, because forges turn both into links in titles and commit messages.
   */
  static String title(ApprovalRequest request) {
    if (request.isSuggestion()) {
      return "Let " + request.appspace() + " have what its app suggests";
    }
    return "Let " + request.appspace() + " reach " + place(request.url());
  }

  static String commitMessage(ApprovalRequest request, ListName list, Instance instance) {
    String app = instance.appspace(request.appspace()).map(RequestText::app).orElse("an app");
    String summary =
        request.isSuggestion()
            ? " suggests " + destinations(request) + "."
            : " requested it (" + String.join(", ", request.methods()) + ").";
    String warnings =
        warnings(request, instance).stream().map(text -> text + "\n\n").collect(joining());
    String effect =
        switch (list) {
          case ALLOW ->
              request.isSuggestion()
                  ? "This allows them. A line that is deleted before the merge becomes a remembered"
                      + " denial."
                  : "This allows it; nothing else changes.";
          case DENY -> "This is a remembered denial: it is not requested again.";
          case PENDING -> "This grants nothing; moving an entry to `allow` does.";
        };
    String title =
        list == ListName.DENY ? title(request).replaceFirst("^Let", "Never let") : title(request);
    return "%s\n\n%s%s\n%s\n\n%s%s%s\n"
        .formatted(title, app, summary, effect, warnings, TRAILER, request.id());
  }

  /**
   * Returns the description of a pull request as one line, for push options that cannot contain
   * more.
   */
  static String description(ApprovalRequest request, Instance instance) {
    return commitMessage(request, ListName.ALLOW, instance)
        .lines()
        .skip(1)
        .filter(line -> !line.isBlank() && !line.startsWith(TRAILER))
        .collect(joining(" ", "", " Closing this is a remembered denial."));
  }

  /** Returns the comment with which an obsolete pull request is closed, in Markdown. */
  static String superseded(ApprovalRequest request, String followedBranch) {
    return switch (request.state()) {
      case GRANTED -> "Superseded: `" + followedBranch + "` allows this already.";
      case DENIED -> "Superseded: `" + followedBranch + "` denies this already.";
      case UNANSWERED ->
          "Closed: it was not answered in time. Reopen this, or run `dropserver approvals retry "
              + request.id()
              + "`, to ask again.";
      case QUEUED, OPEN, LAPSED ->
          "Superseded: `" + followedBranch + "` has no appspace `" + request.appspace() + "`.";
    };
  }

  /** Returns the description of a pull request, in Markdown. */
  static String body(ApprovalRequest request, Instance instance, long waiting) {
    List<String> lines = new ArrayList<>();
    Optional<Appspace> appspace = instance.appspace(request.appspace());
    lines.add("| | |");
    lines.add("|---|---|");
    appspace.ifPresent(a -> lines.add("| App | `" + app(a) + "` |"));
    appspace.ifPresent(a -> lines.add("| Appspace | `" + a.name() + "` of `" + a.owner() + "` |"));
    if (!request.isSuggestion()) {
      lines.add("| Destination | `" + request.url() + "` |");
      lines.add("| Methods | " + String.join(", ", request.methods()) + " |");
      lines.add("| Asked | " + times(request) + " |");
    }
    lines.add("");
    for (String warning : warnings(request, instance)) {
      lines.add("⚠️ " + warning);
      lines.add("");
    }
    lines.addAll(appText(request));
    lines.add(allowed(request, instance));
    lines.add("");
    lines.add(
        request.isSuggestion()
            ? "**Merging** lets this appspace reach and use what is listed, from the next request"
                + " on. Delete the lines that you do not want first: they become remembered"
                + " denials, and so does the whole request if you close it."
            : "**Merging** lets this appspace reach the destination, from the next request on."
                + " Narrow the entry by a path or fewer methods first if you like. **Closing**"
                + " this, or putting the entry under `deny:` instead, is a remembered denial.");
    if (waiting > 0) {
      lines.add("");
      lines.add(
          "This appspace requested %d more destinations, which wait until fewer requests are open."
              .formatted(waiting));
    }
    return String.join("\n", lines) + "\n";
  }

  /** Returns the app's reason as a code block. */
  private static List<String> appText(ApprovalRequest request) {
    List<String> words =
        request.isSuggestion()
            ? request.suggested().stream().map(RequestText::line).toList()
            : request.reason().stream().map(reason -> "    " + reason).toList();
    List<String> lines = new ArrayList<>();
    if (!words.isEmpty()) {
      lines.add(
          request.isSuggestion()
              ? "The app suggests " + destinations(request) + "; its reasons are unverified:"
              : "Reason given by the app, unverified:");
      lines.add("");
      lines.addAll(words);
      lines.add("");
    }
    return lines;
  }

  private static String line(WhitelistEntry line) {
    String reason = line.reason().map(text -> " \u2013 " + text).orElse("");
    String methods = line.methods().isEmpty() ? "" : " (" + String.join(", ", line.methods()) + ")";
    return "    " + line.url() + methods + reason;
  }

  private static String destinations(ApprovalRequest suggestion) {
    int all = suggestion.suggested().size();
    int features =
        (int)
            suggestion.suggested().stream()
                .filter(line -> line.browserFeature().isPresent())
                .count();
    String urls = count(all - features, "destination");
    String browser = count(features, "browser feature");
    return features == 0 ? urls : all == features ? browser : urls + " and " + browser;
  }

  private static String count(int number, String noun) {
    return number == 1 ? "one " + noun : number + " " + noun + "s";
  }

  static List<String> warnings(ApprovalRequest request, Instance instance) {
    List<String> hosts = allowedHosts(request, instance);
    if (!request.isSuggestion()) {
      return LookAlikes.warnings(Destination.parse(request.url()), hosts);
    }
    List<String> warnings = new ArrayList<>();
    for (WhitelistEntry line : request.suggested()) {
      if (line.browserFeature().isPresent()) {
        continue;
      }
      String url = line.url().replace("://*.", "://");
      for (String warning : LookAlikes.warnings(Destination.parse(url), hosts)) {
        warnings.add("`" + place(url) + "`: " + warning);
      }
    }
    return List.copyOf(warnings);
  }

  private static List<String> allowedHosts(ApprovalRequest request, Instance instance) {
    List<String> hosts = new ArrayList<>();
    for (WhitelistRule allow : WhitelistEdit.rules(instance, request.appspace(), ListName.ALLOW)) {
      String url = allow.url().replace("://*.", "://");
      try {
        hosts.add(Destination.parse(url).host().authority());
      } catch (RuntimeException unreadable) {
        // An invalid URL cannot resemble a host.
      }
    }
    return hosts;
  }

  private static String allowed(ApprovalRequest request, Instance instance) {
    List<WhitelistRule> allowed = WhitelistEdit.rules(instance, request.appspace(), ListName.ALLOW);
    if (allowed.isEmpty()) {
      return "Its whitelists allow nothing outside yet.";
    }
    String list =
        allowed.stream()
            .limit(ALLOWED_SHOWN)
            .map(allow -> "`" + allow.url() + "`")
            .collect(joining(", "));
    int more = allowed.size() - ALLOWED_SHOWN;
    return "Already allowed: " + list + (more > 0 ? " and " + more + " more." : ".");
  }

  private static String app(Appspace appspace) {
    return appspace.app().name() + " " + appspace.app().version();
  }

  private static String times(ApprovalRequest request) {
    String since = request.firstAsked().toString().substring(0, 10);
    if (request.times() == 1) {
      return "once, on " + since;
    }
    String methods =
        request.attempts().size() < 2
            ? ""
            : request.attempts().entrySet().stream()
                .map(each -> each.getKey() + " " + each.getValue())
                .collect(joining(", ", " (", ")"));
    return request.times() + " times since " + since + methods;
  }

  private static String place(String url) {
    Destination destination = Destination.parse(url);
    String host = destination.hostHeader();
    String shown = host.startsWith("www.") ? "www[.]" + host.substring(4) : host;
    return destination.scheme() == Destination.Scheme.HTTP ? shown + " (http)" : shown;
  }
}
