package io.dropserver.web.dashboard;

import io.dropserver.schema.status.ConditionType;
import io.dropserver.schema.status.EgressLine;
import io.dropserver.schema.status.ObjectStatus;
import io.dropserver.web.control.ControlException;
import io.dropserver.web.home.Appearances.Appearance;
import io.dropserver.web.home.Icons;
import io.dropserver.web.home.Standing;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The data of an appspace's page, which {@code dashboard/appspace.jte} renders. Equal instances
 * render the same page.
 *
 * @param app text from the app
 * @param open the path at the shell that opens the appspace
 * @param inside whether the visitor may see the app's log and whole request URLs
 * @param whitelists its egress whitelists, as objects
 * @param egress the latest outgoing requests, newest first
 */
public record AppspaceReport(
    String name,
    String app,
    String icon,
    String owner,
    String open,
    boolean inside,
    Standing standing,
    Link source,
    List<Graph> graphs,
    List<Rows.OfCondition> conditions,
    List<Rows.OfObject> whitelists,
    List<Ask> asks,
    EgressSum sum,
    List<Rows.OfEgress> egress,
    Details.Backups backups,
    Optional<Rows.OfCondition> backedUp,
    List<Rows.OfEvent> events) {
  private static final int EGRESS = 50;
  private static final int LOG = 300;
  private static final int EVENTS = 15;
  private static final int LOOKED_THROUGH = 500;
  private static final Pattern ORIGIN = Pattern.compile("([a-z]{2,5}://[^/?#\\s]{1,300}).*");

  /** Whether there are measurements, because the appspace ran or received requests recently. */
  public boolean measured() {
    return graphs.stream().anyMatch(Graph::measured);
  }

  /** Egress counts since the server started. */
  public record EgressSum(long requests, long refused) {}

  /**
   * Builds the report.
   *
   * @return empty when the appspace does not exist
   */
  static Optional<AppspaceReport> of(String name, Sources sources, Sight sight) {
    try {
      return sources.view().objects(Optional.of("Appspace"), Optional.of(name)).stream()
          .findFirst()
          .map(object -> of(object, sources, sight));
    } catch (ControlException e) {
      return Optional.empty(); // it was removed in the meantime
    }
  }

  private static AppspaceReport of(ObjectStatus object, Sources sources, Sight sight) {
    String name = object.name();
    Details details = sources.details();
    Appearance look = sources.appearances().of(name);
    boolean inside = sight.inside(name);
    Optional<String> served = sources.view().status().revision().served();
    List<Rows.OfCondition> conditions =
        object.conditions().stream().map(Rows.OfCondition::of).toList();
    return new AppspaceReport(
        name,
        Shown.line(look.app()),
        Icons.path(name, look),
        details.owner(name).orElse(""),
        "/a/" + name + "/",
        inside,
        Words.standing(object, look.activity()),
        Link.toSource(object.source(), served, details),
        new Use(sources).graphs(object),
        conditions,
        whitelists(name, sources, served),
        sources.view().approvals().stream()
            .filter(request -> Ask.waits(request) && request.appspace().equals(name))
            .map(Ask::of)
            .toList(),
        sum(name, sources),
        egress(name, sources, inside),
        details.backups(name),
        conditions.stream()
            .filter(each -> each.type().equals(ConditionType.BACKED_UP.text()))
            .findFirst(),
        sources.view().events(LOOKED_THROUGH).stream()
            .filter(event -> event.kind().equals("Appspace") && event.name().equals(name))
            .limit(EVENTS)
            .map(Rows.OfEvent::of)
            .toList());
  }

  private static List<Rows.OfObject> whitelists(
      String appspace, Sources sources, Optional<String> served) {
    return sources.view().objects(Optional.of("EgressWhitelist"), Optional.empty()).stream()
        .filter(each -> sources.details().appspaceOf(each.name()).equals(Optional.of(appspace)))
        .map(each -> Overview.row(each, served, sources.details()))
        .toList();
  }

  private static EgressSum sum(String name, Sources sources) {
    return sources.view().egressUse().stream()
        .filter(use -> use.appspace().equals(name))
        .findFirst()
        .map(use -> new EgressSum(use.requests(), use.refused()))
        .orElse(new EgressSum(0, 0));
  }

  private static List<Rows.OfEgress> egress(String name, Sources sources, boolean whole) {
    Deque<Rows.OfEgress> newest = new ArrayDeque<>();
    try {
      sources
          .view()
          .egressLog(
              name,
              false,
              line -> {
                newest.addFirst(row(line, whole));
                if (newest.size() > EGRESS) {
                  newest.removeLast();
                }
              });
    } catch (IOException e) {
      throw new ControlException("the egress log of " + name + " cannot be read");
    }
    return List.copyOf(newest);
  }

  private static Rows.OfEgress row(EgressLine line, boolean whole) {
    boolean allowed = line.decision().equals("allowed");
    String note = line.note().isEmpty() ? "" : ": " + Shown.line(line.note());
    return new Rows.OfEgress(
        line.time(),
        Shown.line(line.method()),
        Shown.line(whole ? line.url() : origin(line.url())),
        line.status() == 0 ? "–" : Integer.toString(line.status()),
        allowed,
        Shown.line(line.decision()) + (allowed ? "" : note));
  }

  /** Shortens a URL to the origin, which is all that an egress request for approval contains. */
  private static String origin(String url) {
    Matcher matcher = ORIGIN.matcher(url);
    return matcher.matches() ? matcher.group(1) + "/…" : "…";
  }

  /**
   * The latest lines of the app's log, oldest first. Call it only for visitors who may see
   * {@linkplain Sight#inside inside} the appspace.
   */
  static List<Rows.OfLog> log(String name, Sources sources) throws IOException {
    Deque<Rows.OfLog> last = new ArrayDeque<>();
    sources
        .view()
        .logs(
            name,
            false,
            line -> {
              last.addLast(
                  new Rows.OfLog(
                      line.time(), Shown.line(line.stream()), Shown.printed(line.text())));
              if (last.size() > LOG) {
                last.removeFirst();
              }
            });
    return List.copyOf(last);
  }
}
