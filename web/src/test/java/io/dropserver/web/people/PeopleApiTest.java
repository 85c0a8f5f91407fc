package io.dropserver.web.people;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.egress.gateway.HostApi.Answer;
import io.dropserver.egress.gateway.HostApi.Call;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class PeopleApiTest {
  @TempDir private Path folder;
  private PeopleFixture fixture;

  @BeforeEach
  @SuppressWarnings("NullAway.Init")
  void start() throws IOException {
    fixture = new PeopleFixture(folder);
  }

  @AfterEach
  void stop() {
    fixture.close();
  }

  private Answer call(String appspace, String method, String path) {
    return fixture.api.answer(appspace, new Call(method, path, ""));
  }

  private List<JsonNode> users(String appspace) {
    Answer answer = call(appspace, "GET", "/users");
    assertThat(answer.status()).isEqualTo(200);
    JsonNode list = JsonMapper.shared().readTree(answer.json()).get("users");
    return StreamSupport.stream(list.spliterator(), false).toList();
  }

  private static List<String> names(List<JsonNode> users) {
    return users.stream().map(user -> user.get("name").asString()).toList();
  }

  @Test
  void anAppSeesTheMembersOfItsOwnAppspaceOnly() {
    assertThat(names(users("notes"))).containsExactly("Zoë", "Bob");
    assertThat(names(users("diary"))).containsExactly("Carol");
  }

  @Test
  void aMemberHasTheIdOfTheIdentityHeadersAndPermissions() {
    JsonNode owner = users("notes").getFirst();
    assertThat(new TreeSet<>(owner.propertyNames()))
        .containsExactly("avatar", "id", "name", "owner", "permissions");
    assertThat(owner.get("id").asString()).isEqualTo(fixture.identity.userId("notes", "zoe"));
    assertThat(owner.get("owner").asBoolean()).isTrue();
    assertThat(owner.get("permissions").toString()).isEqualTo("[\"read\",\"write\"]");
    String avatar = owner.get("avatar").asString();
    assertThat(avatar).startsWith("data:image/svg+xml;base64,");
    assertThat(
            new String(Base64.getDecoder().decode(avatar.split(",", 2)[1]), StandardCharsets.UTF_8))
        .contains(">Z</text>");
  }

  @Test
  void aMemberWhoIsNoUserAnyMoreIsNotListed() {
    fixture.removePerson("bob");
    assertThat(names(users("notes"))).containsExactly("Zoë");
  }

  @Test
  void aListIsBoundedAndHasTheOwner() {
    IntStream.range(0, 600).forEach(i -> fixture.addMember("notes", "user" + i, "A" + i));
    List<JsonNode> users = users("notes");
    assertThat(users).hasSize(Members.MAX_LISTED);
    assertThat(users.getFirst().get("name").asString()).isEqualTo("Zoë");
  }

  @Test
  void anAppThatListsTooOftenDoesNotSlowDownAnother() {
    for (int i = 0; i < PeopleApi.LISTS_AT_ONCE; i++) {
      users("notes");
    }
    assertThat(call("notes", "GET", "/users").status()).isEqualTo(429);
    assertThat(users("diary")).hasSize(1);
    fixture.nanos.addAndGet(1_000_000_000L);
    assertThat(users("notes")).hasSize(2);
  }

  @ParameterizedTest
  @CsvSource({
    "notes, POST, /users, 405",
    "notes, GET, /, 404",
    "notes, GET, /users/, 404",
    "notes, GET, /users/diary, 404",
    "unknown, GET, /users, 404"
  })
  void everythingElseIsRefused(String appspace, String method, String path, int status) {
    Answer answer = call(appspace, method, path);
    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.json()).startsWith("{\"error\":\"");
  }
}
