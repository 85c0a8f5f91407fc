package io.dropserver.web.dashboard;

import io.dropserver.control.ControlException;
import io.dropserver.control.EgressLine;
import io.dropserver.control.InstanceView;
import io.dropserver.control.LogLine;
import io.dropserver.control.ObjectStatus;
import io.dropserver.state.condition.ConditionType;
import io.dropserver.web.home.AppMetadataSource.AppMetadata;
import io.dropserver.web.home.AppspaceState;
import io.dropserver.web.home.Icons;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The data of an appspace's page, which {@code dashboard/appspace.jte} renders. Equal instances
 * render the same page.
 *
 * @param app the name and version that the app declares
 * @param openPath the path of the appspace's page on the shell's host
 * @param canViewInside whether the visitor may see the app's log and whole request URLs
 * @param whitelists the EgressWhitelists that apply to the appspace
 * @param egress the latest outgoing requests, newest first
 */
public record AppspaceReport(
    String name,
    String app,
    String icon,
    String owner,
    String openPath,
    boolean canViewInside,
    AppspaceState state,
    ForgeLink source,
    List<Graph> graphs,
    List<TableRows.ConditionRow> conditions,
    List<TableRows.JobRow> jobs,
    List<TableRows.ObjectRow> whitelists,
    List<PendingApprovalRow> asks,
    EgressSum sum,
    List<TableRows.EgressRow> egress,
    DashboardData.Backups backups,
    Optional<TableRows.ConditionRow> backedUp,
    List<TableRows.EventRow> events) {
  private static final int EGRESS = 50;
  private static final int LOG = 300;
  private static final int EVENTS = 15;
  private static final Pattern ORIGIN = Pattern.compile("([a-z]{2,5}://[^/?#\\s]{1,300}).*");

  /** Returns whether the graphs contain values: the appspace ran or received requests recently. */
  public boolean measured() {
    return graphs.stream().anyMatch(Graph::measured);
  }

  /** The numbers of egress requests since the server started. */
  public record EgressSum(long requests, long refused) {}

  /**
   * Creates the report for a visitor.
   *
   * @return empty when the appspace does not exist
   */
  static Optional<AppspaceReport> of(
      String name, DashboardSources dashboardSources, DashboardAccess dashboardAccess) {
    try {
      return dashboardSources.view().objects(Optional.of("Appspace"), Optional.of(name)).stream()
          .findFirst()
          .map(object -> of(object, dashboardSources, dashboardAccess));
    } catch (ControlException e) {
      return Optional.empty(); // it was removed in the meantime
    }
  }

  private static AppspaceReport of(
      ObjectStatus object, DashboardSources dashboardSources, DashboardAccess dashboardAccess) {
    String name = object.name();
    InstanceView view = dashboardSources.view();
    DashboardData dashboardData = dashboardSources.details();
    AppMetadata metadata = dashboardSources.appMetadataSource().of(name);
    boolean inside = dashboardAccess.canViewInside(name);
    Optional<String> served = view.status().revision().served();
    List<TableRows.ConditionRow> conditions =
        object.conditions().stream().map(TableRows.ConditionRow::of).toList();
    return new AppspaceReport(
        name,
        DisplayText.line(metadata.app()),
        Icons.path(name, metadata),
        dashboardData.owner(name).orElse(""),
        "/a/" + name + "/",
        inside,
        StatusText.standing(object, metadata.activity()),
        ForgeLink.toSource(object.source(), served, dashboardData),
        new UsageGraphs(dashboardSources).graphs(object),
        conditions,
        object.jobs().stream().map(TableRows.JobRow::of).toList(),
        whitelists(name, dashboardSources, served),
        PendingApprovalRow.pending(view, name::equals),
        sum(name, view),
        egress(name, view, inside),
        dashboardData.backups(name),
        conditions.stream()
            .filter(each -> each.type().equals(ConditionType.BACKED_UP.text()))
            .findFirst(),
        TableRows.EventRow.latest(
            view, EVENTS, (kind, each) -> kind.equals("Appspace") && each.equals(name)));
  }

  private static List<TableRows.ObjectRow> whitelists(
      String appspace, DashboardSources dashboardSources, Optional<String> served) {
    InstanceView view = dashboardSources.view();
    DashboardData dashboardData = dashboardSources.details();
    return view.objects(Optional.of("EgressWhitelist"), Optional.empty()).stream()
        .filter(each -> dashboardData.appspaceOf(each.name()).equals(Optional.of(appspace)))
        .map(each -> Overview.row(each, served, dashboardData))
        .toList();
  }

  private static EgressSum sum(String name, InstanceView view) {
    return view.egressUse().stream()
        .filter(use -> use.appspace().equals(name))
        .findFirst()
        .map(use -> new EgressSum(use.requests(), use.refused()))
        .orElse(new EgressSum(0, 0));
  }

  private static List<TableRows.EgressRow> egress(String name, InstanceView view, boolean whole) {
    // In the order of the newest request of each kind.
    Map<List<Object>, TableRows.EgressRow> last = new LinkedHashMap<>();
    try {
      view.egressLog(name, false, line -> add(last, row(line, whole)));
    } catch (IOException e) {
      throw new ControlException("the egress log of " + name + " cannot be read");
    }
    return List.copyOf(new ArrayList<>(last.values()).reversed());
  }

  /** Adds a request. Requests that look the same share one row. */
  private static void add(Map<List<Object>, TableRows.EgressRow> last, TableRows.EgressRow row) {
    TableRows.EgressRow earlier = last.remove(row.common());
    last.put(row.common(), earlier == null ? row : row.after(earlier));
    if (last.size() > EGRESS) {
      last.remove(last.keySet().iterator().next());
    }
  }

  /** Adds a row, and removes the first row beyond the limit. */
  private static <T> void addLast(Deque<T> rows, T row, int most) {
    rows.addLast(row);
    if (rows.size() > most) {
      rows.removeFirst();
    }
  }

  private static TableRows.EgressRow row(EgressLine line, boolean whole) {
    boolean allowed = line.decision().equals("allowed");
    String note = line.note().isEmpty() ? "" : ": " + DisplayText.line(line.note());
    return new TableRows.EgressRow(
        line.time(),
        DisplayText.line(line.method()),
        DisplayText.line(whole ? line.url() : origin(line.url())),
        line.status() == 0 ? "–" : Integer.toString(line.status()),
        allowed,
        DisplayText.line(line.decision()) + (allowed ? "" : note),
        1);
  }

  /** Shortens a URL to its origin. Its path may contain private data of the appspace. */
  private static String origin(String url) {
    Matcher matcher = ORIGIN.matcher(url);
    return matcher.matches() ? matcher.group(1) + "/…" : "…";
  }

  /**
   * Returns the latest lines of the app's log, oldest first. Call it only for visitors who may see
   * {@linkplain DashboardAccess#canViewInside inside} the appspace.
   */
  static List<TableRows.LogRow> log(String name, DashboardSources dashboardSources)
      throws IOException {
    Deque<TableRows.LogRow> last = new ArrayDeque<>();
    dashboardSources.view().logs(name, false, line -> addLast(last, row(line), LOG));
    return List.copyOf(last);
  }

  private static TableRows.LogRow row(LogLine line) {
    return new TableRows.LogRow(
        line.time(), DisplayText.line(line.stream()), DisplayText.logLine(line.text()));
  }
}
