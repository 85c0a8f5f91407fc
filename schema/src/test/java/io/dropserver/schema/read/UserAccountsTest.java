package io.dropserver.schema.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.schema.instance.Problem;
import io.dropserver.schema.instance.ProviderAccount;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UserAccountsTest {
  private static final String ISSUER = "https://id.test";

  private static String user(String name, String accounts) {
    return """
    apiVersion: dropserver.io/v1
    kind: User
    metadata: {name: %s}
    spec:
      accounts: [%s]
    """
        .formatted(name, accounts);
  }

  private static ReadResult read(String dora, String emil) throws IOException {
    return new InstanceReader()
        .read(
            InstanceReaderTest.tree()
                .with("dora.yaml", user("dora", dora))
                .with("emil.yaml", user("emil", emil)),
            ReadOptions.WHOLE_REPOSITORY);
  }

  @Test
  void accountsAreReadOnce() throws IOException {
    String mail = "{issuer: \"https://id.test\", mail: Dora@Home.Test}";
    ReadResult result = read(mail + ", {issuer: \"https://id.test\", subject: D1}, " + mail, "");
    assertThat(result.problems()).isEmpty();
    assertThat(result.instance().orElseThrow().users().get("dora"))
        .isNotNull()
        .satisfies(
            user ->
                assertThat(user.accounts())
                    .containsExactly(
                        ProviderAccount.ofMail(ISSUER, "dora@home.test"),
                        ProviderAccount.ofSubject(ISSUER, "D1")));
  }

  @Test
  void anAccountOfTwoUsersIsReportedWithBothPlaces() throws IOException {
    assertThat(
            read(
                    "{issuer: \"https://id.test\", mail: a@home.test}",
                    "{issuer: \"https://id.test\", mail: A@home.test}")
                .problems())
        .extracting(Problem::toString)
        .singleElement()
        .asString()
        .startsWith("emil.yaml:5:")
        .contains("belongs to two users", "dora", "dora.yaml:1:1");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "subject: a; lacks `issuer`",
        "issuer: \"https://id.test\"; exactly one of subject and mail",
        "issuer: \"https://id.test\", subject: a, mail: a@b.test; exactly one of subject and mail",
        "issuer: \"http://id.test\", subject: a; is not an issuer",
        "issuer: \"https://id.test\", mail: abc; is not an address of mail"
      })
  void anAccountThatCannotBeUsedIsRefused(String account, String problem) throws IOException {
    assertThat(read("{" + account + "}", "").problems())
        .extracting(Problem::toString)
        .singleElement()
        .asString()
        .startsWith("dora.yaml:5:")
        .contains(problem);
  }
}
