package io.dropserver.schema.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.schema.instance.Appspace.MemberEntry;
import io.dropserver.schema.instance.Group;
import io.dropserver.schema.instance.Kind;
import io.dropserver.schema.instance.Problem;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GroupTest {
  private static ReadResult read(String members, String entries) throws IOException {
    String group =
        """
        apiVersion: dropserver.io/v1
        kind: Group
        metadata: {name: family}
        spec:
          %s
        """
            .formatted(members);
    String appspace =
        InstanceReaderTest.APPSPACE.replace("    - {user: bob, permissions: [view]}\n", entries);
    return new InstanceReader()
        .read(
            InstanceReaderTest.tree()
                .with("family.yaml", group)
                .with("appspaces/garden.yaml", appspace),
            ReadOptions.WHOLE_REPOSITORY);
  }

  @Test
  void aMembersListCanNameAGroup() throws IOException {
    ReadResult result =
        read(
            "members: [bob]\n  claims: [{issuer: \"https://id.test/realm\", value: /family}]",
            "    - {group: family, permissions: [view]}\n    - {user: bob}\n");
    assertThat(result.problems()).isEmpty();
    var instance = result.instance().orElseThrow();
    assertThat(instance.groups().get("family"))
        .isNotNull()
        .satisfies(
            group -> {
              assertThat(group.members()).extracting(Group.Member::user).containsExactly("bob");
              assertThat(group.claims())
                  .isEqualTo(List.of(new Group.Claim("https://id.test/realm", "/family")));
            });
    assertThat(instance.appspace("garden").orElseThrow().members())
        .extracting(MemberEntry::kind, MemberEntry::name)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(Kind.GROUP, "family"),
            org.assertj.core.groups.Tuple.tuple(Kind.USER, "bob"));
  }

  @Test
  void unknownNamesAndDoubleEntriesAreReportedWithTheirLine() throws IOException {
    assertThat(
            read(
                    "members: [bop]",
                    "    - {group: famly}\n    - {group: family}\n    - {group: family}\n")
                .problems())
        .extracting(Problem::toString)
        .containsExactly(
            "appspaces/garden.yaml:8:15: error: there is no Group `famly` (did you mean family?)",
            "appspaces/garden.yaml:10:15: error: the member `family` occurs twice (merge it with"
                + " the entry on line 9)",
            "family.yaml:5:13: error: there is no User `bop` (did you mean bob?)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{permissions: [view]}", "{user: bob, group: family}"})
  void anEntryNamesEitherAUserOrAGroup(String entry) throws IOException {
    assertThat(read("members: []", "    - " + entry + "\n").problems())
        .singleElement()
        .asString()
        .contains("garden.yaml:8:7", "a member has exactly one of user and group");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://id.test",
        "https://user@id.test",
        "https://id.test/?a=b",
        "https://id.test/#a",
        "id.test",
        "http://127.0.0.1.id.test"
      })
  void anIssuerIsAnHttpsUrl(String issuer) throws IOException {
    assertThat(
            read("claims: [{issuer: \"" + issuer + "\", value: family}]", "    - {user: bob}\n")
                .problems())
        .singleElement()
        .asString()
        .contains("family.yaml:5:21", "is not an issuer", "write the issuer");
  }
}
