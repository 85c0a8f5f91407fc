package io.dropserver.web.dashboard;

import io.dropserver.control.InstanceStatus;
import io.dropserver.control.ObjectStatus;
import io.dropserver.control.RevisionChanges;
import io.dropserver.control.RevisionChanges.RevisionChange;
import io.dropserver.control.RevisionStatus;
import io.dropserver.state.condition.Condition;
import io.dropserver.state.condition.Severity;
import io.dropserver.web.home.AppMetadataSource.AppMetadata;
import io.dropserver.web.home.Icons;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The data of the dashboard's first page, which {@code dashboard/overview.jte} renders. Equal
 * instances render the same page.
 *
 * @param conditions the server's conditions; empty for owners
 * @param problems why the newest revision was rejected, if it was; empty for owners
 * @param more the number of appspaces without a card, beyond the limit
 * @param moreObjects the number of objects that are not listed, beyond the limit
 */
public record Overview(
    String summary,
    String tone,
    Revision revision,
    List<TableRows.ConditionRow> conditions,
    List<Problem> problems,
    Optional<Applied> applied,
    List<AppspaceCard> cards,
    int more,
    List<PendingApprovalRow> asks,
    List<TableRows.ObjectRow> objects,
    int moreObjects,
    List<TableRows.EventRow> events) {
  private static final int CARDS = 60;
  private static final int OBJECTS = 200;
  private static final int EVENTS = 20;
  private static final String APPSPACE = "Appspace";

  /**
   * @param seen the newest revision at the remote, if it is not the served one
   */
  public record Revision(
      Optional<ForgeLink> served,
      Optional<Instant> servedAt,
      Optional<ForgeLink> seen,
      Optional<Instant> seenAt,
      boolean suspended) {}

  /** A problem for which the newest revision was rejected. */
  public record Problem(ForgeLink where, String message, Optional<String> hint) {}

  /** The newest revision that changed any object. */
  public record Applied(
      ForgeLink revision, Instant at, String summary, List<RevisionChange> changes, int more) {}

  static Overview of(DashboardSources dashboardSources, DashboardAccess dashboardAccess) {
    InstanceStatus status = dashboardSources.view().status();
    DashboardData dashboardData = dashboardSources.details();
    Optional<String> served = status.revision().served();
    List<ObjectStatus> mine =
        status.objects().stream().filter(dashboardAccess::canViewObject).toList();
    List<ObjectStatus> appspaces =
        mine.stream().filter(object -> object.kind().equals(APPSPACE)).toList();
    long broken = mine.stream().filter(object -> !object.ready()).count();
    boolean all = dashboardAccess.person().admin();
    long red =
        (all ? red(status.conditions()) : 0)
            + mine.stream().mapToLong(o -> red(o.conditions())).sum();
    boolean good = broken == 0 && red == 0 && (!all || status.ready());
    List<TableRows.ConditionRow> conditions =
        all ? status.conditions().stream().map(TableRows.ConditionRow::of).toList() : List.of();
    return new Overview(
        summary(status, mine.size(), broken, red, all),
        good ? "good" : "bad",
        revision(status, dashboardData),
        conditions,
        all ? problems(status, dashboardData) : List.of(),
        dashboardData.lastApplied().map(last -> applied(last, dashboardAccess)),
        appspaces.stream().limit(CARDS).map(each -> card(each, dashboardSources)).toList(),
        Math.max(0, appspaces.size() - CARDS),
        PendingApprovalRow.pending(dashboardSources.view(), dashboardAccess::canView),
        mine.stream()
            .sorted(Comparator.comparing(ObjectStatus::ready))
            .limit(OBJECTS)
            .map(object -> row(object, served, dashboardData))
            .toList(),
        Math.max(0, mine.size() - OBJECTS),
        TableRows.EventRow.latest(dashboardSources.view(), EVENTS, dashboardAccess::canViewObject));
  }

  private static long red(List<Condition> conditions) {
    return conditions.stream().filter(each -> each.severity() == Severity.ERROR).count();
  }

  /**
   * @param red how many conditions are shown in red, of the server and of ready objects
   */
  private static String summary(
      InstanceStatus status, int objects, long broken, long red, boolean all) {
    if (broken > 0) {
      return broken == 1
          ? "One of %d objects is not ready.".formatted(objects)
          : "%d of %d objects are not ready.".formatted(broken, objects);
    }
    if (status.revision().served().isEmpty()) {
      return "Nothing is in service yet.";
    }
    if (red > 0) {
      return red == 1
          ? "All %d objects are in service, but a condition needs attention.".formatted(objects)
          : "All %d objects are in service, but %d conditions need attention."
              .formatted(objects, red);
    }
    return status.ready() || !all
        ? "All %d objects are as declared.".formatted(objects)
        : "All %d objects are as declared, but the server has a condition to check."
            .formatted(objects);
  }

  private static Revision revision(InstanceStatus status, DashboardData dashboardData) {
    RevisionStatus known = status.revision();
    return new Revision(
        known.served().map(commit -> ForgeLink.toCommit(commit, dashboardData)),
        known.servedAt(),
        known
            .seen()
            .filter(commit -> !known.served().equals(Optional.of(commit)))
            .map(commit -> ForgeLink.toCommit(commit, dashboardData)),
        known.seenAt(),
        status.suspended());
  }

  private static List<Problem> problems(InstanceStatus status, DashboardData dashboardData) {
    return status.problems().stream()
        .map(
            problem ->
                new Problem(
                    ForgeLink.toProblem(problem, status.revision().seen(), dashboardData),
                    DisplayText.message(problem.message()),
                    problem.hint().map(DisplayText::line)))
        .toList();
  }

  private static Applied applied(RevisionChanges last, DashboardAccess dashboardAccess) {
    List<RevisionChange> seen =
        last.changes().stream()
            .filter(
                revisionChange ->
                    dashboardAccess.canViewObject(revisionChange.kind(), revisionChange.name()))
            .map(Overview::shown)
            .toList();
    boolean all = dashboardAccess.person().admin();
    return new Applied(
        ForgeLink.toCommit(last.revision(), dashboardAccess.details()),
        last.at(),
        all ? last.summary() : "",
        seen,
        all ? last.more() : 0);
  }

  private static RevisionChange shown(RevisionChange revisionChange) {
    return new RevisionChange(
        revisionChange.action(),
        revisionChange.kind(),
        revisionChange.name(),
        revisionChange.what().stream().map(DisplayText::line).toList());
  }

  private static AppspaceCard card(ObjectStatus appspace, DashboardSources dashboardSources) {
    AppMetadata metadata = dashboardSources.appMetadataSource().of(appspace.name());
    return new AppspaceCard(
        appspace.name(),
        Icons.path(appspace.name(), metadata),
        dashboardSources.details().owner(appspace.name()).orElse(""),
        StatusText.standing(appspace, metadata.activity()),
        appspace.ready() ? "" : DisplayText.message(appspace.message()),
        new UsageGraphs(dashboardSources).graphs(appspace));
  }

  /** Returns the row of an object: why it is not ready, or else its most severe condition. */
  static TableRows.ObjectRow row(
      ObjectStatus object, Optional<String> served, DashboardData dashboardData) {
    Optional<Condition> problem =
        object.problems().stream().filter(each -> object.ready()).findFirst();
    return new TableRows.ObjectRow(
        object.kind(),
        object.name(),
        object.ready()
            ? StatusText.tone(problem.map(Condition::severity).orElse(Severity.OK))
            : "bad",
        DisplayText.line(problem.map(Condition::problem).orElse(object.reason())),
        DisplayText.message(problem.map(Condition::message).orElse(object.message())),
        ForgeLink.toSource(object.source(), served, dashboardData));
  }
}
