package io.dropserver.cli;

import io.dropserver.control.ApprovalStatus;
import io.dropserver.control.BackupControl;
import io.dropserver.control.BackupEntry;
import io.dropserver.control.BackupOrder;
import io.dropserver.control.BackupOutcome;
import io.dropserver.control.BackupStep;
import io.dropserver.control.Control;
import io.dropserver.control.ControlException;
import io.dropserver.control.EgressLine;
import io.dropserver.control.EgressUse;
import io.dropserver.control.EndedAccess;
import io.dropserver.control.Erasure;
import io.dropserver.control.InstanceStatus;
import io.dropserver.control.InstanceView;
import io.dropserver.control.LayerStatus;
import io.dropserver.control.LogLine;
import io.dropserver.control.ObjectStatus;
import io.dropserver.control.RecoveryKit;
import io.dropserver.control.RetainedData;
import io.dropserver.control.RevisionStatus;
import io.dropserver.control.SyncResult;
import io.dropserver.control.UserControl;
import io.dropserver.control.UserStatus;
import io.dropserver.control.VisitorRequest;
import io.dropserver.state.condition.Event;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** A server that returns prepared answers and records its calls. */
public final class FakeServer implements InstanceView, Control, BackupControl, UserControl {
  public final List<String> calls = new ArrayList<>();
  public final List<LogLine> logLines = new ArrayList<>();

  /** What a call that follows receives; if empty, {@link #logLines}. */
  public final List<LogLine> followedLines = new ArrayList<>();

  public final AtomicInteger objectCalls = new AtomicInteger();
  public final AtomicInteger eventCalls = new AtomicInteger();
  public final List<Event> events = new CopyOnWriteArrayList<>();
  final List<RetainedData> retained = new ArrayList<>();
  public InstanceStatus status =
      new InstanceStatus(
          new RevisionStatus(
              Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty()),
          false,
          false,
          "http://dropserver.localhost:8080",
          List.of(),
          List.of(),
          List.of());
  public List<ApprovalStatus> approvals = List.of();
  SyncResult syncResult = new SyncResult(Optional.empty(), true, false, "nothing new");

  /** The message of the outcome of backup operations. */
  public String outcomeMessage = "done as asked";

  List<BackupEntry> backups = List.of();
  public final FakeSecrets secrets = new FakeSecrets();
  public final FakeUpdates updates = new FakeUpdates();

  List<UserStatus> users = List.of();

  @Override
  public List<UserStatus> users() {
    return users;
  }

  @Override
  public String enroll(String user, boolean direct) {
    calls.add("enroll " + user + (direct ? " direct" : ""));
    return "http://dropserver.localhost:8080/enrol?token=secret";
  }

  @Override
  public EndedAccess revoke(String user, Optional<String> session) {
    calls.add("revoke " + user + " " + session.orElse("-"));
    return new EndedAccess(0, 1);
  }

  @Override
  public EndedAccess forget(String user, String credential) {
    calls.add("forget " + user + " " + credential);
    return new EndedAccess(2, 0);
  }

  @Override
  public List<BackupEntry> backups(Optional<String> repository) {
    return backups;
  }

  @Override
  public BackupOutcome run(BackupOrder order, Consumer<BackupStep> progress) {
    calls.add(order.toString());
    progress.accept(new BackupStep("garden", "copying", 50, 1024, 1));
    return new BackupOutcome(outcomeMessage, Map.of("snapshot", "7df77bd5"));
  }

  @Override
  public BackupOutcome erase(Erasure erasure, Consumer<BackupStep> progress) {
    calls.add("erase " + erasure);
    return new BackupOutcome("erased what was asked", Map.of("complete", erasure.data().isEmpty()));
  }

  @Override
  public RecoveryKit recoveryKit() {
    return new RecoveryKit(
        "/backups",
        "secret",
        Optional.empty(),
        "/home.git",
        "main",
        List.of("/etc/dropserver/dropserver.yaml"),
        List.of());
  }

  /** Replaces the objects of the status. */
  public void show(ObjectStatus... objects) {
    status =
        new InstanceStatus(
            status.revision(),
            true,
            false,
            status.shellUrl(),
            List.of(),
            List.of(objects),
            List.of());
  }

  @Override
  public InstanceStatus status() {
    return status;
  }

  @Override
  public List<ObjectStatus> objects(Optional<String> kind, Optional<String> name) {
    objectCalls.incrementAndGet();
    return status.objects().stream()
        .filter(object -> kind.isEmpty() || kind.get().equals(object.kind()))
        .filter(object -> name.isEmpty() || name.get().equals(object.name()))
        .toList();
  }

  @Override
  public List<Event> events(int limit) {
    eventCalls.incrementAndGet();
    return events.stream().limit(limit).toList();
  }

  @Override
  public void logs(String appspace, boolean follow, Consumer<LogLine> line) throws IOException {
    calls.add("logs " + appspace + (follow ? " -f" : ""));
    (follow && !followedLines.isEmpty() ? followedLines : logLines).forEach(line);
  }

  public final List<EgressLine> egressLines = new ArrayList<>();

  @Override
  public void egressLog(String appspace, boolean follow, Consumer<EgressLine> line) {
    calls.add("egress log " + appspace + (follow ? " -f" : ""));
    egressLines.forEach(line);
  }

  @Override
  public List<VisitorRequest> visitorRequests(String appspace) {
    return List.of(new VisitorRequest(CommandRun.NOW, "PUT", "/notes/7", 507, 12));
  }

  @Override
  public List<LayerStatus> layers() {
    return List.of(new LayerStatus("cgroup", false, "no controller cpu", "delegate it"));
  }

  @Override
  public List<EgressUse> egressUse() {
    return List.of(new EgressUse("garden", 2, 10, 3, 1024, 2048));
  }

  @Override
  public List<RetainedData> retainedData() {
    return retained;
  }

  @Override
  public SyncResult sync(Optional<String> accept, Optional<Duration> wait) {
    calls.add("sync " + accept.orElse("-") + " " + wait.map(Duration::toString).orElse("-"));
    return syncResult;
  }

  @Override
  public void poke() {
    calls.add("poke");
  }

  @Override
  public void suspend() {
    calls.add("suspend");
  }

  @Override
  public void resume() {
    calls.add("resume");
  }

  @Override
  public void retry(String kind, String name) {
    calls.add("retry " + kind + "/" + name);
  }

  @Override
  public void pause(String appspace) {
    if (appspace.equals("missing")) {
      throw new ControlException("there is no appspace named missing");
    }
    calls.add("pause " + appspace);
  }

  @Override
  public void unpause(String appspace) {
    calls.add("unpause " + appspace);
  }

  @Override
  public void adoptData(String dataId, String appspace) {
    calls.add("adopt " + dataId + " " + appspace);
  }

  @Override
  public void startEmpty(String appspace) {
    calls.add("start empty " + appspace);
  }

  @Override
  public void discardData(String dataId) {
    calls.add("discard " + dataId);
  }

  @Override
  public List<ApprovalStatus> approvals() {
    return approvals;
  }

  @Override
  public void approve(
      String request,
      Optional<String> url,
      List<String> methods,
      Optional<String> expires,
      String by) {
    calls.add("approve " + request + " " + url.orElse("-") + " " + methods + " by " + by);
  }

  @Override
  public void deny(String request, String by) {
    calls.add("deny " + request + " by " + by);
  }

  @Override
  public void retryApproval(String request) {
    calls.add("retry approval " + request);
  }
}
