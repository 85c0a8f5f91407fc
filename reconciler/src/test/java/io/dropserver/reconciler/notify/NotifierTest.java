package io.dropserver.reconciler.notify;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.dropserver.control.ApprovalStatus;
import io.dropserver.control.InstanceStatus;
import io.dropserver.control.InstanceView;
import io.dropserver.control.ObjectStatus;
import io.dropserver.control.RevisionStatus;
import io.dropserver.control.StatusProblem;
import io.dropserver.reconciler.converge.Backoff;
import io.dropserver.reconciler.status.ServerState;
import io.dropserver.schema.host.HostConfig.CommandReceiver;
import io.dropserver.schema.host.HostConfig.Receiver;
import io.dropserver.schema.host.HostConfig.WebhookReceiver;
import io.dropserver.state.StateDatabase;
import io.dropserver.state.condition.BackupReason;
import io.dropserver.state.condition.Condition;
import io.dropserver.state.condition.ConditionType;
import io.dropserver.state.condition.InstanceReason;
import io.dropserver.state.condition.Reason;
import io.dropserver.testing.SettableClock;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NotifierTest {
  private static final Instant BEGINNING = Instant.parse("2026-11-26T12:00:00Z");

  @TempDir Path folder;
  private final List<String> received = new ArrayList<>();
  private final List<Condition> conditions = new ArrayList<>();
  private final List<ObjectStatus> objects = new ArrayList<>();
  private final List<StatusProblem> problems = new ArrayList<>();
  private final List<ApprovalStatus> approvals = new ArrayList<>();
  private int response = 200;
  private String seen = "a".repeat(40);
  private HttpServer server;
  private StateDatabase database;
  private ServerState state;
  private final SettableClock clock = new SettableClock(BEGINNING);

  @BeforeEach
  void open() throws Exception {
    server = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          received.add(
              exchange.getRequestHeaders().getFirst("Title")
                  + "|"
                  + exchange.getRequestHeaders().getFirst("Authorization")
                  + "|"
                  + new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
          exchange.sendResponseHeaders(response, -1);
          exchange.close();
        });
    server.start();
    database = StateDatabase.open(folder.resolve("state.db"), clock);
    state = new ServerState(database, clock);
  }

  @AfterEach
  void close() {
    database.close();
    server.stop(0);
  }

  private InstanceView view() {
    return (InstanceView)
        Proxy.newProxyInstance(
            InstanceView.class.getClassLoader(),
            new Class<?>[] {InstanceView.class},
            (_, method, _) ->
                switch (method.getName()) {
                  case "status" -> status();
                  case "approvals" -> List.copyOf(approvals);
                  default -> throw new UnsupportedOperationException(method.getName());
                });
  }

  private InstanceStatus status() {
    RevisionStatus revision =
        new RevisionStatus(Optional.empty(), Optional.empty(), Optional.of(seen), Optional.empty());
    return new InstanceStatus(revision, false, false, "", conditions, objects, problems);
  }

  private Notifier notifier(Receiver... receivers) {
    return new Notifier(List.of(receivers), view(), state, database, new Backoff(() -> 0.5), clock);
  }

  private Receiver webhook() throws Exception {
    Path token = Files.writeString(folder.resolve("token"), "tk_secret\n");
    URI url = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/hidden-topic");
    return new WebhookReceiver(url, Optional.of(token));
  }

  private static Condition condition(
      ConditionType type, boolean status, Reason reason, String message) {
    return new Condition(type, status, reason, message, Optional.empty(), BEGINNING);
  }

  private void refuse() {
    conditions.add(
        condition(
            ConditionType.REVISION_REFUSED,
            true,
            InstanceReason.REVISION_INVALID,
            "2 problems; not served"));
    problems.add(
        new StatusProblem("appspaces/a.yaml", 8, 3, "unknown key `onwer`", Optional.empty()));
  }

  private void backupFails(String appspace) {
    Condition failed =
        condition(ConditionType.BACKED_UP, false, BackupReason.DISK_FULL, "no room for the copy");
    objects.add(
        new ObjectStatus(
            "Appspace",
            appspace,
            true,
            "Serving",
            "",
            Optional.empty(),
            "",
            List.of(failed),
            Optional.empty()));
  }

  private void ask(String id) {
    approvals.add(
        new ApprovalStatus(
            id,
            "diary",
            "https://api.example.org/",
            List.of("GET"),
            "open",
            Optional.of("an app's words"),
            BEGINNING,
            BEGINNING,
            1,
            new java.util.TreeMap<>(java.util.Map.of("GET", 1L)),
            Optional.of("dropserver/egress/diary/" + id),
            Optional.empty(),
            Optional.of("https://forge.example/pulls/7"),
            Optional.empty(),
            List.of(),
            List.of()));
  }

  @Test
  void aFailingLoginProviderIsReported() throws Exception {
    conditions.add(
        condition(
            ConditionType.LOGIN_PROVIDER_FAILING,
            true,
            InstanceReason.PROVIDER_UNUSABLE,
            "log-in at Home fails: connection refused"));
    notifier(webhook()).checkOnce();
    assertThat(received)
        .singleElement()
        .asString()
        .startsWith("LoginProviderFailing|")
        .contains("log-in at Home fails: connection refused");
  }

  @Test
  void alertsAreSentOnceAndNotAgainAfterARestart() throws Exception {
    refuse();
    backupFails("diary");
    ask("0123abcd");
    Notifier notifier = notifier(webhook());
    notifier.checkOnce();
    notifier.checkOnce();
    notifier(webhook()).checkOnce();

    assertThat(received)
        .singleElement()
        .asString()
        .startsWith("RevisionRefused (and 2 more)|Bearer tk_secret|")
        .contains(
            "appspaces/a.yaml:8:3: unknown key `onwer`",
            "Backup of diary failed: DiskFull: no room",
            "diary requests access to GET https://api.example.org/. Decide:"
                + " https://forge.example/pulls/7")
        .doesNotContain("an app's words");

    seen = "b".repeat(40);
    notifier.checkOnce();
    assertThat(received).as("another revision is refused").hasSize(2);
  }

  @Test
  void aFailingReceiverIsReportedWithoutSecretsAndRetried() throws Exception {
    Path taken = folder.resolve("taken");
    Receiver program =
        new CommandReceiver(
            List.of("/bin/sh", "-c", "(echo \"$DROPSERVER_TITLE\"; cat) > \"$0\"", "" + taken));
    response = 503;
    Notifier notifier = notifier(webhook(), program);
    backupFails("diary");
    notifier.checkOnce();

    assertThat(state.find(ConditionType.NOTIFICATIONS_FAILING).orElseThrow().message())
        .contains("http://127.0.0.1", "it responded with status 503", "`notify`")
        .doesNotContain("hidden-topic", "tk_secret");
    assertThat(taken).hasContent("Backup of diary failed: DiskFull\nno room for the copy\n");
    notifier.checkOnce();
    assertThat(received).as("not before its time").hasSize(1);

    response = 200;
    clock.advance(Duration.ofMinutes(1));
    notifier.checkOnce();
    assertThat(received).hasSize(2);
    assertThat(state.find(ConditionType.NOTIFICATIONS_FAILING)).isEmpty();
    assertThat(taken).hasContent("Backup of diary failed: DiskFull\nno room for the copy\n");
  }

  @Test
  void aProgramThatFailsOrIsMissingIsNamed() throws Exception {
    backupFails("diary");
    notifier(new CommandReceiver(List.of("/bin/false", "--token=tk_secret"))).checkOnce();
    assertThat(state.find(ConditionType.NOTIFICATIONS_FAILING).orElseThrow().message())
        .contains("/bin/false: it ended with 1")
        .doesNotContain("tk_secret");
    notifier(new CommandReceiver(List.of("/no/such", "x"))).checkOnce();
    assertThat(state.find(ConditionType.NOTIFICATIONS_FAILING).orElseThrow().message())
        .contains("/no/such");
  }

  @Test
  void aFlappingAlertIsReportedOnceAnHour() throws Exception {
    Notifier notifier = notifier(webhook());
    for (int minute = 0; minute < 30; minute++) {
      objects.clear();
      if (minute % 2 == 0) {
        backupFails("diary");
      }
      clock.advance(Duration.ofMinutes(1));
      notifier.checkOnce();
    }
    assertThat(received).hasSize(1);
    objects.clear();
    clock.advance(Duration.ofHours(2));
    notifier.checkOnce();
    backupFails("diary");
    notifier.checkOnce();
    assertThat(received).hasSize(2);
  }

  @Test
  void aFloodOfAlertsIsOneSanitizedMessage() throws Exception {
    for (int i = 0; i < 200; i++) {
      backupFails("space-" + i);
    }
    conditions.add(
        condition(
            ConditionType.REVISION_REFUSED,
            true,
            InstanceReason.REVISION_INVALID,
            "\u001b]0;x\u0007line\r\nTitle: forged \u202e" + "x".repeat(10_000)));
    notifier(webhook()).checkOnce();
    assertThat(received)
        .singleElement()
        .asString()
        .contains("and 191 more: dropserver status")
        .doesNotContain("\u001b", "\u0007", "\u202e", "\nTitle:", "x".repeat(501));
  }

  @Test
  void aReceiverThatFailedAtALaterDateIsTriedWhenTheDateIsCorrected() throws Exception {
    clock.set(BEGINNING.plus(Duration.ofDays(3650)));
    response = 503;
    Notifier notifier = notifier(webhook());
    backupFails("diary");
    notifier.checkOnce();
    response = 200;
    clock.set(BEGINNING);
    notifier.checkOnce();
    assertThat(received).hasSize(2);
    assertThat(state.find(ConditionType.NOTIFICATIONS_FAILING)).isEmpty();
  }

  @Test
  void anAlertThatEndedAtALaterDateIsReportedWhenItsProblemReturns() throws Exception {
    clock.set(BEGINNING.plus(Duration.ofDays(3650)));
    Notifier notifier = notifier(webhook());
    backupFails("diary");
    notifier.checkOnce();
    objects.clear();
    clock.set(BEGINNING);
    notifier.checkOnce();
    backupFails("diary");
    notifier.checkOnce();
    assertThat(received).hasSize(2);
  }
}
