package io.dropserver.web.control;

import io.dropserver.control.ApprovalStatus;
import io.dropserver.control.Control;
import io.dropserver.control.ControlException;
import io.dropserver.control.EgressLine;
import io.dropserver.control.EgressUse;
import io.dropserver.control.InstanceStatus;
import io.dropserver.control.InstanceView;
import io.dropserver.control.LayerStatus;
import io.dropserver.control.LogLine;
import io.dropserver.control.ObjectStatus;
import io.dropserver.control.RetainedData;
import io.dropserver.control.RevisionStatus;
import io.dropserver.control.StatusProblem;
import io.dropserver.control.SuggestedEgressStatus;
import io.dropserver.control.SyncResult;
import io.dropserver.control.VisitorRequest;
import io.dropserver.state.condition.Condition;
import io.dropserver.state.condition.Event;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;

/** A server with fixed responses, which records the calls. */
final class FakeInstance implements InstanceView, Control {
  private static final Instant NOW = Instant.parse("2026-11-25T01:02:03.456Z");

  final List<String> calls = new CopyOnWriteArrayList<>();
  final LinkedBlockingQueue<LogLine> log = new LinkedBlockingQueue<>(List.of(line("one")));

  static LogLine line(String text) {
    return new LogLine(NOW, "stdout", text);
  }

  @Override
  public InstanceStatus status() {
    return new InstanceStatus(
        new RevisionStatus(Optional.of("a1"), Optional.of(NOW), Optional.empty(), Optional.empty()),
        true,
        false,
        "http://home.localhost:8080",
        List.of(new Condition("Synced", true, "Fetched", "é \"quoted\"", Optional.of("a1"), NOW)),
        List.of(
            new ObjectStatus(
                "App",
                "a",
                true,
                "Ok",
                "",
                Optional.empty(),
                "a.yaml",
                List.of(),
                Optional.empty(),
                new TreeMap<>(Map.of("team", "family", "example.org/tier", "")),
                List.of(),
                List.of())),
        List.of(new StatusProblem("a.yaml", 1, 2, "bad", Optional.of("mend it"))));
  }

  @Override
  public List<ObjectStatus> objects(Optional<String> kind, Optional<String> name) {
    calls.add("objects " + kind + " " + name);
    return kind.isPresent() ? List.of() : status().objects();
  }

  @Override
  public List<Event> events(int limit) {
    return List.of(new Event(NOW, "App", "a", "Installed", "limit " + limit, true));
  }

  @Override
  public void logs(String appspace, boolean follow, Consumer<LogLine> line) {
    known(appspace);
    try {
      while (true) {
        line.accept(log.take());
      }
    } catch (InterruptedException e) {
      calls.add("follow ended");
    }
  }

  @Override
  public List<RetainedData> retainedData() {
    return List.of(new RetainedData("id", "notes", "a", "alice", NOW, 1L << 40));
  }

  @Override
  public List<ApprovalStatus> approvals() {
    return List.of(
        new ApprovalStatus(
            "7f3a2c91",
            "notes",
            "https://a.example/",
            List.of("GET", "POST"),
            "open",
            Optional.of("é \"quoted\""),
            NOW,
            NOW,
            3,
            new java.util.TreeMap<>(java.util.Map.of("GET", 2L, "POST", 1L)),
            Optional.of("dropserver/egress/notes/7f3a2c91"),
            Optional.of("a1"),
            Optional.of("https://forge.example/pull/1"),
            Optional.empty(),
            List.of("careful"),
            List.of(
                new SuggestedEgressStatus(
                    "https://b.example/v1/", List.of("GET"), Optional.of("é")))));
  }

  @Override
  public void approve(
      String request,
      Optional<String> url,
      List<String> methods,
      Optional<String> expires,
      String by) {
    calls.add("approve " + request + " " + url + " " + methods + " " + by);
  }

  @Override
  public void deny(String request, String by) {
    calls.add("deny " + request + " " + by);
  }

  @Override
  public void egressLog(String appspace, boolean follow, Consumer<EgressLine> line) {
    known(appspace);
    line.accept(
        new EgressLine(
            Instant.EPOCH, "GET", "https://a.example/p", 403, 1, 2, "undecided", "7f3a2c91"));
  }

  @Override
  public List<VisitorRequest> visitorRequests(String appspace) {
    known(appspace);
    return List.of(new VisitorRequest(Instant.EPOCH, "GET", "/garden", 200, 3));
  }

  @Override
  public List<LayerStatus> layers() {
    return List.of(new LayerStatus("cgroup", false, "no controller cpu", "delegate it"));
  }

  @Override
  public List<EgressUse> egressUse() {
    return List.of(new EgressUse("garden", 1, 2, 1, 10, 20));
  }

  @Override
  public void retryApproval(String request) {
    calls.add("retry approval " + request);
  }

  @Override
  public SyncResult sync(Optional<String> accept, Optional<Duration> wait) {
    calls.add("sync " + accept + " " + wait);
    return new SyncResult(accept, true, false, "done");
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
    calls.add("retry " + kind + " " + name);
  }

  @Override
  public void pause(String appspace) {
    known(appspace);
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

  private static void known(String appspace) {
    if (appspace.equals("missing")) {
      throw new ControlException("there is no appspace missing");
    }
  }
}
