package io.dropserver.web.dashboard;

import io.dropserver.schema.status.InstanceStatus;
import io.dropserver.schema.status.ObjectStatus;
import io.dropserver.schema.status.RevisionStatus;
import io.dropserver.web.control.InstanceView;
import io.dropserver.web.home.Appearances.Appearance;
import io.dropserver.web.home.Icons;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The data of the dashboard's first page, which {@code dashboard/overview.jte} renders. Equal
 * instances render the same page.
 *
 * @param conditions of the server as a whole; empty for owners
 * @param problems of the newest revision, when it was rejected; empty for owners
 * @param more how many appspaces have no card
 * @param moreObjects how many objects are not listed
 */
public record Overview(
    String summary,
    String tone,
    Revision revision,
    List<Rows.OfCondition> conditions,
    List<Problem> problems,
    Optional<Applied> applied,
    List<Card> cards,
    int more,
    List<Ask> asks,
    List<Rows.OfObject> objects,
    int moreObjects,
    List<Rows.OfEvent> events) {
  private static final int CARDS = 60;
  private static final int OBJECTS = 200;
  private static final int EVENTS = 20;
  private static final int LOOKED_THROUGH = 500;
  private static final String APPSPACE = "Appspace";

  /**
   * @param seen the newest revision at the remote, if it is not the served one
   */
  public record Revision(
      Optional<Link> served,
      Optional<Instant> servedAt,
      Optional<Link> seen,
      Optional<Instant> seenAt,
      boolean suspended) {}

  /** A problem in the newest revision. */
  public record Problem(Link where, String message, Optional<String> hint) {}

  /** The newest revision that changed something. */
  public record Applied(
      Link revision, Instant at, String summary, List<Details.Change> changes, int more) {}

  static Overview of(Sources sources, Sight sight) {
    InstanceStatus status = sources.view().status();
    Details details = sources.details();
    Optional<String> served = status.revision().served();
    List<ObjectStatus> mine = status.objects().stream().filter(sight::object).toList();
    List<ObjectStatus> appspaces =
        mine.stream().filter(object -> object.kind().equals(APPSPACE)).toList();
    long broken = mine.stream().filter(object -> !object.ready()).count();
    boolean all = sight.person().admin();
    boolean good = broken == 0 && (!all || status.ready());
    List<Rows.OfCondition> conditions =
        all ? status.conditions().stream().map(Rows.OfCondition::of).toList() : List.of();
    return new Overview(
        summary(status, mine.size(), broken, all),
        good ? "good" : "bad",
        revision(status, details),
        conditions,
        all ? problems(status, details) : List.of(),
        details.lastApplied().map(last -> applied(last, sight)),
        appspaces.stream().limit(CARDS).map(each -> card(each, sources)).toList(),
        Math.max(0, appspaces.size() - CARDS),
        asks(sources.view(), sight),
        mine.stream()
            .sorted(Comparator.comparing(ObjectStatus::ready))
            .limit(OBJECTS)
            .map(object -> row(object, served, details))
            .toList(),
        Math.max(0, mine.size() - OBJECTS),
        events(sources.view(), sight));
  }

  private static String summary(InstanceStatus status, int objects, long broken, boolean all) {
    if (broken > 0) {
      return broken == 1
          ? "One of %d objects is not ready.".formatted(objects)
          : "%d of %d objects are not ready.".formatted(broken, objects);
    }
    if (status.revision().served().isEmpty()) {
      return "Nothing is in service yet.";
    }
    return status.ready() || !all
        ? "All %d objects are as declared.".formatted(objects)
        : "All %d objects are as declared, and something concerns the server.".formatted(objects);
  }

  private static Revision revision(InstanceStatus status, Details details) {
    RevisionStatus known = status.revision();
    return new Revision(
        known.served().map(commit -> Link.toCommit(commit, details)),
        known.servedAt(),
        known
            .seen()
            .filter(commit -> !known.served().equals(Optional.of(commit)))
            .map(commit -> Link.toCommit(commit, details)),
        known.seenAt(),
        status.suspended());
  }

  private static List<Problem> problems(InstanceStatus status, Details details) {
    return status.problems().stream()
        .map(
            problem ->
                new Problem(
                    Link.toProblem(problem, status.revision().seen(), details),
                    Shown.line(problem.message()),
                    problem.hint().map(Shown::line)))
        .toList();
  }

  private static Applied applied(Details.Applied last, Sight sight) {
    List<Details.Change> seen =
        last.changes().stream()
            .filter(change -> sight.object(change.kind(), change.name()))
            .map(Overview::shown)
            .toList();
    boolean all = sight.person().admin();
    return new Applied(
        Link.toCommit(last.revision(), sight.details()),
        last.at(),
        all ? last.summary() : "",
        seen,
        all ? last.more() : 0);
  }

  private static Details.Change shown(Details.Change change) {
    return new Details.Change(
        change.action(),
        change.kind(),
        change.name(),
        change.what().stream().map(Shown::line).toList());
  }

  private static Card card(ObjectStatus appspace, Sources sources) {
    Appearance look = sources.appearances().of(appspace.name());
    return new Card(
        appspace.name(),
        Icons.path(appspace.name(), look),
        sources.details().owner(appspace.name()).orElse(""),
        Words.standing(appspace, look.activity()),
        appspace.ready() ? "" : Shown.line(appspace.message()),
        new Use(sources).graphs(appspace));
  }

  private static List<Ask> asks(InstanceView view, Sight sight) {
    return view.approvals().stream()
        .filter(request -> Ask.waits(request) && sight.outside(request.appspace()))
        .map(Ask::of)
        .toList();
  }

  static Rows.OfObject row(ObjectStatus object, Optional<String> served, Details details) {
    return new Rows.OfObject(
        object.kind(),
        object.name(),
        object.ready() ? "good" : "bad",
        Shown.line(object.reason()),
        Shown.line(object.message()),
        Link.toSource(object.source(), served, details));
  }

  private static List<Rows.OfEvent> events(InstanceView view, Sight sight) {
    return view.events(LOOKED_THROUGH).stream()
        .filter(sight::event)
        .limit(EVENTS)
        .map(Rows.OfEvent::of)
        .toList();
  }
}
