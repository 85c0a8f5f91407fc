package io.dropserver.web.dashboard;

import io.dropserver.base.budget.TokenBucket;
import io.dropserver.base.text.Sizes;
import io.dropserver.control.AuditTrail;
import io.dropserver.control.BackupEntry;
import io.dropserver.control.ControlException;
import io.dropserver.control.RestoreControl;
import io.dropserver.control.RestorePreview;
import io.dropserver.web.identity.Form;
import io.dropserver.web.identity.ShellRequest;
import io.dropserver.web.identity.Visitor;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Lets admins and owners restore a backup of an appspace: choose one, see what would change,
 * restore, undo. Serves {@code /dashboard/a/NAME/restore} and the forms below it. Thread-safe.
 */
public final class RestorePage {
  private static final String PREFIX = "/dashboard/a/";
  private static final String PATH = "/restore";
  private static final String PREVIEW = "/restore/preview";
  private static final String APPLY = "/restore/apply";

  private static final Duration LISTING = Duration.ofSeconds(10);

  /** Previews of one appspace at once, and an hour. */
  private static final int PREVIEWS = 10;

  /** Backups that the page lists. */
  private static final int LISTED = 100;

  private final DashboardSources dashboardSources;
  private final RestoreControl restores;
  private final AuditTrail audit;

  /** One preview or restore at a time, because each of them copies the data of an appspace. */
  private final Semaphore running = new Semaphore(1);

  /** One listing at a time, because each of them starts a process. */
  private final Semaphore listing = new Semaphore(1, true);

  /** By appspace. Each preview stores a backup of the current data. */
  private final Map<String, TokenBucket> previews = new ConcurrentHashMap<>();

  /** A backup in the list. */
  public record Row(String snapshot, Instant time, String size, long files, boolean verified) {}

  /** What the page shows after a form was sent. */
  private record Result(
      int status, String problem, Optional<RestorePreview> preview, Optional<String> undo) {
    static final Result NONE = new Result(200, "", Optional.empty(), Optional.empty());

    static Result problem(String text) {
      return new Result(409, DisplayText.line(text), Optional.empty(), Optional.empty());
    }
  }

  RestorePage(DashboardSources dashboardSources, RestoreControl restores, AuditTrail audit) {
    this.dashboardSources = dashboardSources;
    this.restores = restores;
    this.audit = audit;
  }

  /**
   * Handles a request. The visitor may open the dashboard.
   *
   * @return false for other paths, and for appspaces that the visitor may not see
   */
  boolean handle(ShellRequest shellRequest, Visitor visitor, DashboardAccess access)
      throws IOException {
    String path = shellRequest.path();
    int end = path.indexOf(PATH, PREFIX.length());
    if (!path.startsWith(PREFIX) || end < 0) {
      return false;
    }
    String name = path.substring(PREFIX.length(), end);
    String action = path.substring(end);
    if (!access.canView(name)) {
      return false;
    }
    if (action.equals(PATH) && shellRequest.matches("GET", path)) {
      show(shellRequest, visitor, access, name, Result.NONE);
      return true;
    }
    boolean form = action.equals(PREVIEW) || action.equals(APPLY);
    if (!form || !shellRequest.matches("POST", path)) {
      return false;
    }
    submit(shellRequest, visitor, access, name, action);
    return true;
  }

  /**
   * Requires a recent log-in, because an unattended browser or a stolen session must not replace
   * data.
   */
  private void submit(
      ShellRequest shellRequest,
      Visitor visitor,
      DashboardAccess access,
      String name,
      String action)
      throws IOException {
    if (!visitor.isFresh(dashboardSources.clock().instant())) {
      shellRequest.redirect("/login?again=1&to=" + PREFIX + name + PATH);
      return;
    }
    Form form = Form.ofBody(shellRequest.request(), Form.LONG);
    if (!running.tryAcquire()) {
      show(
          shellRequest,
          visitor,
          access,
          name,
          Result.problem("another restore is running; try again when it has ended"));
      return;
    }
    Result result;
    try {
      result =
          audit.perform(
              visitor.auditSource(shellRequest),
              action.equals(PREVIEW) ? "backup preview" : "backup restore",
              "appspace/" + name + " snapshot/" + form.get("snapshot"),
              () -> run(name, action, form));
    } catch (ControlException e) {
      result = Result.problem(String.valueOf(e.getMessage()));
    } finally {
      running.release();
    }
    show(shellRequest, visitor, access, name, result);
  }

  private Result run(String name, String action, Form form) {
    String snapshot = form.get("snapshot");
    if (action.equals(PREVIEW)) {
      TokenBucket bucket =
          previews.computeIfAbsent(name, _ -> new TokenBucket(PREVIEWS, PREVIEWS / 3600.0));
      if (!bucket.take(1)) {
        throw new ControlException(
            "%s was compared %d times within an hour; try again later".formatted(name, PREVIEWS));
      }
      return new Result(200, "", Optional.of(restores.preview(name, snapshot)), Optional.empty());
    }
    restores.restore(name, snapshot);
    return new Result(200, "", Optional.empty(), Optional.of(form.get("current")));
  }

  private void show(
      ShellRequest shellRequest,
      Visitor visitor,
      DashboardAccess access,
      String name,
      Result result) {
    String problem = result.problem();
    List<Row> rows = List.of();
    try {
      rows = list(name);
    } catch (ControlException e) {
      problem = problem.isEmpty() ? DisplayText.line(String.valueOf(e.getMessage())) : problem;
    }
    Map<String, Object> page = new HashMap<>();
    page.put("chrome", Dashboard.chrome("Restore " + name + " · Dashboard", visitor));
    page.put("name", name);
    page.put("admin", visitor.person().admin());
    page.put("fresh", visitor.isFresh(dashboardSources.clock().instant()));
    page.put("problem", problem);
    page.put("backups", rows);
    page.put("preview", result.preview());
    page.put("files", files(result.preview(), access.canViewInside(name)));
    page.put("restored", result.undo().isPresent());
    page.put("undo", result.undo().orElse(""));
    shellRequest.sendPage(result.status(), "dashboard/restore", page);
  }

  private List<Row> list(String name) {
    try {
      if (!listing.tryAcquire(LISTING.toSeconds(), TimeUnit.SECONDS)) {
        throw new ControlException("the backups are being listed; try again in a moment");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ControlException("the server stops");
    }
    try {
      return restores.backups(name).stream().limit(LISTED).map(RestorePage::row).toList();
    } finally {
      listing.release();
    }
  }

  /** Returns the files that differ. Only the owner may see their names. */
  private static List<String> files(Optional<RestorePreview> preview, boolean inside) {
    return preview
        .filter(_ -> inside)
        .map(it -> it.files().stream().map(DisplayText::line).toList())
        .orElse(List.of());
  }

  private static Row row(BackupEntry entry) {
    return new Row(
        entry.snapshot(),
        entry.time(),
        Sizes.text(entry.bytes()),
        entry.files(),
        entry.verifiedAt().isPresent());
  }
}
