package io.dropserver.web.site;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.control.ApprovalStatus;
import io.dropserver.control.AuditSource;
import io.dropserver.schema.host.CidrBlock;
import io.dropserver.state.site.Person;
import io.dropserver.web.RecordedUpdates;
import io.dropserver.web.dashboard.DashboardData.Deciders;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What visitors do leaves a record: log-ins, log-outs, changes of credentials, and decisions. */
class AuditedPagesTest {
  private static final String PASSWORD = "correct horse battery";

  /** Returns the records with the ids of sessions replaced. */
  private static List<String> records(FrontDoorFixture door) {
    return door.audit.records.stream()
        .map(record -> record.replaceAll("session/\\S+", "session/ID"))
        .toList();
  }

  @Test
  void logInsLogOutsAndChangesOfCredentialsAreRecorded() throws IOException {
    try (FrontDoorFixture door = new FrontDoorFixture()) {
      door.admit(new Person("alice", "Alice", false, false));
      ShellClient alice = ShellClient.loggedIn(door, "alice");
      alice.post("/account/password", "password", PASSWORD);
      ShellClient other = new ShellClient(door);
      other.post("/login", "name", "alice", "password", PASSWORD);
      String session = door.audit.records.getLast().replaceAll(".*session/(\\S+).*", "$1");
      List<String> cookies = List.of(alice.session, other.session);
      alice.post("/account/sessions/end", "session", "unknown");
      alice.post("/account/sessions/end", "session", session);
      alice.post("/account/sessions/end-others");
      alice.post("/logout");

      assertThat(records(door))
          .containsExactly(
              "user/alice log-in link session/ID done",
              "user/alice password set user/alice done",
              "user/alice log-in password session/ID done",
              "user/alice session end session/ID done",
              "user/alice session end-others user/alice done",
              "user/alice log-out session/ID done");
      assertThat(door.audit.sources).extracting(AuditSource::from).containsOnly("127.0.0.1");
      assertThat(String.join("\n", door.audit.records))
          .doesNotContain(PASSWORD)
          .doesNotContain(cookies);
      assertThat(logIns(door, "link", "succeeded")).isOne();
      assertThat(logIns(door, "password", "succeeded")).isOne();
      assertThat(logIns(door, "password", "failed")).isZero();
    }
  }

  @Test
  void aFailedLogInNamesADeclaredUserOnlyBecauseANameMayBeAMistypedPassword() throws IOException {
    try (FrontDoorFixture door = new FrontDoorFixture()) {
      door.admit(new Person("alice", "Alice", false, false));
      ShellClient client = new ShellClient(door);
      client.post("/login", "name", "alice", "password", "wrong");
      client.post("/login", "name", PASSWORD, "password", "alice");
      client.post("/enrol", "token", "forged-token");
      client.get("/enrol?token=forged-token");
      for (int i = 0; i < 10; i++) {
        client.post("/login", "name", "alice", "password", "wrong");
      }
      assertThat(door.audit.records)
          .startsWith(
              "unverified log-in password user/alice refused",
              "unverified log-in password unknown refused",
              "unverified log-in link unknown refused",
              "unverified log-in link unknown refused",
              "unverified log-in password user/alice refused")
          .hasSize(14);
      assertThat(String.join("\n", door.audit.records))
          .doesNotContain(PASSWORD, "forged-token", "wrong");
      assertThat(logIns(door, "password", "failed")).isEqualTo(12);
      assertThat(logIns(door, "link", "failed")).isEqualTo(2);
      assertThat(logIns(door, "password", "succeeded")).isZero();
      assertThat(door.registry.find("dropserver.logins").counters()).hasSize(8);
    }
  }

  private static double logIns(FrontDoorFixture door, String method, String result) {
    return door.registry
        .get("dropserver.logins")
        .tags("method", method, "result", result)
        .counter()
        .count();
  }

  @Test
  void theAddressIsThatOfTheClientBehindATrustedProxyAndNoOtherCanForgeIt() throws IOException {
    for (boolean trusted : new boolean[] {true, false}) {
      CidrBlock proxies = CidrBlock.parse(trusted ? "127.0.0.1/32" : "10.0.0.0/8").orElseThrow();
      try (FrontDoorFixture door =
          new FrontDoorFixture(FrontDoorLimits.DEFAULT, List.of(proxies))) {
        ShellClient client = new ShellClient(door);
        client.send(
            "POST",
            "/login",
            ShellClient.form("name", "alice", "password", "wrong"),
            "Origin: " + client.origin(),
            "Sec-Fetch-Site: same-origin",
            "X-Forwarded-For: 203.0.113.9, 192.0.2.1");
        assertThat(door.audit.sources)
            .extracting(AuditSource::from)
            .containsExactly(trusted ? "192.0.2.1" : "127.0.0.1");
      }
    }
  }

  @Test
  void decisionsRestoresAndLoginLinksInTheDashboardAreRecorded() throws IOException {
    try (DashboardFixture fixture = new DashboardFixture()) {
      fixture.deciders = Deciders.ADMINS_AND_OWNERS;
      fixture.view.approvalRequests.add(request());
      ShellClient alice = ShellClient.loggedIn(fixture.door, "alice");
      ShellClient bob = ShellClient.loggedIn(fixture.door, "bob");
      fixture.door.audit.records.clear();

      bob.post(
          "/dashboard/approvals/7f3a2c91/approve",
          "method-GET",
          "yes",
          "url",
          "https://a.example/");
      bob.post("/dashboard/approvals/7f3a2c91/approve");
      alice.post("/dashboard/approvals/7f3a2c91/deny");
      bob.post("/dashboard/a/cookbook/restore/apply", "snapshot", RecordedRestores.SNAPSHOT);
      alice.post("/dashboard/people/enrol", "user", "bob");
      alice.post("/dashboard/people/forget", "user", "bob", "credential", "password");
      String update =
          "/dashboard/updates/" + RecordedUpdates.WIKI.app() + "/" + RecordedUpdates.WIKI.version();
      alice.post(update + "/decline");
      bob.post("/dashboard/people/enrol", "user", "alice");

      String wiki = "update/" + RecordedUpdates.WIKI.app() + "/" + RecordedUpdates.WIKI.version();
      assertThat(fixture.door.audit.records)
          .containsExactly(
              "user/bob approval approve approval/7f3a2c91 appspace/cookbook done",
              "user/bob approval approve approval/7f3a2c91 appspace/cookbook refused",
              "user/alice approval deny approval/7f3a2c91 appspace/cookbook done",
              "user/bob backup restore appspace/cookbook snapshot/0a1b2c3d done",
              "user/alice user enroll user/bob done",
              "user/alice user forget user/bob credential/password refused",
              "user/alice update decline " + wiki + " done");
    }
  }

  private static ApprovalStatus request() {
    return new ApprovalStatus(
        "7f3a2c91",
        "cookbook",
        "https://a.example/",
        List.of("GET"),
        "open",
        Optional.empty(),
        Instant.EPOCH,
        Instant.EPOCH,
        1,
        new TreeMap<>(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        List.of());
  }
}
