package io.dropserver.tests.endtoend;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.dropserver.control.ControlException;
import io.dropserver.control.InstanceView;
import io.dropserver.control.SecretState;
import io.dropserver.web.control.SecretClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Sets a secret on a running server. An app in a real sandbox uses it for a destination that echoes
 * it everywhere. Then the test searches all places where an app, a person or a thief of files could
 * find it.
 */
class SecretHuntTest {
  /** Unique, and short enough to be in one block of a file. */
  private static final String SECRET = "hunted-7Qk2vXc9-hunted-7Qk2vXc9";

  private static final String IN_GIT = "secrets/api.yaml";

  /**
   * Fetches, prints the response, and reports everything that a program can find out about itself.
   */
  private static final String APP =
      """
      export default {
        async fetch(request: Request) {
          const { pathname, searchParams } = new URL(request.url);
          if (pathname === "/fetch") {
            try {
              const answer = await fetch(searchParams.get("url")!);
              const all = JSON.stringify([...answer.headers]) + await answer.text();
              console.log(all);
              Deno.writeTextFileSync("/data/answer", all);
              return new Response(all);
            } catch (error) {
              return new Response((error as Error).message);
            }
          }
          const places = [JSON.stringify(Deno.env.toObject()), JSON.stringify(Deno.args)];
          for (const file of ["environ", "cmdline", "maps"]) {
            try {
              places.push(Deno.readTextFileSync("/proc/self/" + file));
            } catch (error) {
              places.push((error as Error).message);
            }
          }
          return new Response(places.join("\\n"));
        },
      };
      """;

  @TempDir Path folder;
  private final ConcurrentLinkedQueue<String> arrived = new ConcurrentLinkedQueue<>();

  @SuppressWarnings("NullAway.Init") // set before each test
  private HttpServer outside;

  @SuppressWarnings("NullAway.Init")
  private LiveInstance instance;

  @BeforeEach
  void start() throws Exception {
    outside = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 50);
    outside.createContext(
        "/",
        exchange -> {
          String key = String.valueOf(exchange.getRequestHeaders().getFirst("X-Key"));
          arrived.add(key);
          byte[] body = ("you sent " + key + " twice " + key).getBytes(US_ASCII);
          exchange.getResponseHeaders().add("X-Echo", key);
          exchange.getResponseHeaders().add("Set-Cookie", "key=" + key);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    outside.start();
    Path config = folder.resolve("dropserver.yaml");
    instance = LiveInstance.tiny(folder, "--config", config.toString());
    Files.writeString(
        config,
        """
        sandbox: {allowWeaker: [uid, cgroup, storage]}
        egress: {open: [127.0.0.1/32], hosts: {api.test: 127.0.0.1}}
        secrets: {ageKeyFile: age.key}
        """);
    EncryptedSecret.writeKey(folder.resolve("age.key"));
    ConfigRepository repository = instance.repository();
    repository.write("apps/one/main.ts", APP);
    repository.write("appspaces/one.yaml", MinimalInstance.appspace("one", "1.0.0", false, 192));
    repository.write(
        "egress/one.yaml",
        """
        apiVersion: dropserver.io/v1
        kind: EgressWhitelist
        metadata: {name: one}
        spec:
          appspace: one
          allow:
            - {url: "%s", headers: {X-Key: "${secret:api}"}}
        """
            .formatted(url("")));
    repository.push("An app with a key");
    instance.start();
    await()
        .atMost(LiveInstance.TIMEOUT)
        .untilAsserted(() -> assertThat(instance.status().ready()).as(instance.log()).isTrue());
  }

  @AfterEach
  void stop() {
    instance.close();
    outside.stop(0);
  }

  private String url(String path) {
    return "http://api.test:" + outside.getAddress().getPort() + "/" + path;
  }

  private String fetch(String path) throws IOException, InterruptedException {
    return instance.get("one", "/fetch?url=" + url(path)).body();
  }

  private SecretClient secrets() {
    return new SecretClient(instance.state());
  }

  @Test
  void aSecretReachesItsDestinationOnly() throws Exception {
    assertThat(fetch("")).contains("dropserver secret set one api");
    assertThat(arrived).isEmpty();
    assertThat(instance.object("Appspace", "one").conditions())
        .anySatisfy(condition -> assertThat(condition.type()).isEqualTo("SecretMissing"));

    secrets().set("one", "api", SECRET);
    String answered = fetch("path?token=1");
    assertThat(arrived).containsExactly(SECRET);
    assertThat(answered).contains("you sent", "[secret]", "*".repeat(SECRET.length()));
    assertThat(instance.object("Appspace", "one").conditions())
        .noneSatisfy(condition -> assertThat(condition.type()).isEqualTo("SecretMissing"));

    List<String> told = new ArrayList<>(told());
    told.add(answered);
    told.addAll(SecretSearch.ofProcesses());
    assertThat(told).noneSatisfy(text -> assertThat(text).contains(SECRET));
    assertThat(SecretSearch.filesWithSecret(instance.state(), SECRET)).isEmpty();
    assertThat(SecretSearch.filesWithSecret(instance.repository().remote(), SECRET)).isEmpty();
    assertThat(instance.state().resolve("secrets.key")).exists();

    secrets().remove("one", "api");
    assertThat(fetch("again")).contains("dropserver secret set one api");
    assertThat(arrived).hasSize(1);
    instance.close();
    assertThat(SecretSearch.filesWithSecret(instance.state(), SECRET)).isEmpty();
    // Verify the search itself: it finds what the app stored of the response.
    assertThat(SecretSearch.files(instance.state(), "you sent")).isNotEmpty();
  }

  @Test
  void aSecretInGitIsInNoPlanLogOrFile() throws Exception {
    instance
        .repository()
        .write(IN_GIT, EncryptedSecret.encrypt(folder, SECRET))
        .push("A key in Git");
    List<String> told = new ArrayList<>(planned());
    assertThat(instance.sync().served()).isTrue();
    String answered = fetch("path?token=1");
    assertThat(arrived).containsExactly(SECRET);
    assertThat(answered).contains("you sent", "[secret]");

    String next = "hunted-next-" + SECRET;
    instance
        .repository()
        .write(IN_GIT, EncryptedSecret.encrypt(folder, next))
        .push("Another key in Git");
    told.addAll(planned());
    assertThat(instance.sync().served()).isTrue();
    told.add(fetch("again"));
    assertThat(arrived).containsExactly(SECRET, next);
    told.add(answered);
    told.addAll(told());
    told.addAll(SecretSearch.ofProcesses());
    assertThat(told).noneSatisfy(text -> assertThat(text).contains(SECRET));
    assertThat(SecretSearch.filesWithSecret(instance.state(), SECRET)).isEmpty();
    assertThat(SecretSearch.filesWithSecret(instance.repository().remote(), SECRET)).isEmpty();

    // A person commits the clear text by mistake. Git has it then, and no message repeats it.
    instance
        .repository()
        .write(IN_GIT, EncryptedSecret.plain("mistake-" + SECRET))
        .push("Clear text");
    assertThat(instance.sync().served()).isFalse();
    List<String> refused = new ArrayList<>(told());
    CommandLineProgram plan = instance.plan();
    refused.addAll(List.of(plan.out(), plan.err()));
    assertThat(refused)
        .anySatisfy(text -> assertThat(text).contains(IN_GIT))
        .noneSatisfy(text -> assertThat(text).contains(SECRET));
    assertThat(fetch("served-on")).contains("you sent");
  }

  /** Returns what {@code plan} prints, in both forms, which must name the secret. */
  private List<String> planned() throws IOException, InterruptedException {
    CommandLineProgram json = instance.plan();
    CommandLineProgram text =
        CommandLineProgram.run(
            "plan",
            "--repo",
            instance.repository().remote().toString(),
            "--state",
            instance.state().toString());
    assertThat(text.out()).as(text.err()).containsPattern("(create|update) +Secret +api");
    return List.of(json.out(), json.err(), text.out(), text.err());
  }

  /** Returns all that the server reports and logs. */
  private List<String> told() throws IOException, InterruptedException {
    InstanceView view = instance.control();
    List<String> told = new ArrayList<>(List.of(instance.get("one", "/self").body()));
    told.add(view.status().toString());
    told.add(view.events(1_000).toString());
    told.add(view.approvals().toString());
    view.logs("one", false, line -> told.add(line.text()));
    told.add(secrets().secrets(Optional.empty()).toString());
    told.add(instance.log());
    return told;
  }

  @Test
  void aSecretIsNotPassedToTheNextOwnerAndOutlivesARestart() throws Exception {
    secrets().set("one", "api", SECRET);
    instance.server().kill();
    instance.start();
    await()
        .atMost(LiveInstance.TIMEOUT)
        .untilAsserted(() -> assertThat(fetch("a")).contains("you sent"));
    assertThat(arrived).containsOnly(SECRET);
    instance
        .repository()
        .write(
            "users/eve.yaml",
            """
            apiVersion: dropserver.io/v1
            kind: User
            metadata: {name: eve}
            spec: {displayName: Eve, role: member}
            """);
    instance
        .repository()
        .write(
            "appspaces/one.yaml",
            MinimalInstance.appspace("one", "1.0.0", false, 192)
                .replace("owner: alice", "owner: eve"));
    instance.repository().push("Another owner");
    instance.sync();
    await()
        .atMost(LiveInstance.TIMEOUT)
        .untilAsserted(() -> assertThat(fetch("b")).contains("dropserver secret set one api"));
    assertThat(secrets().secrets(Optional.of("one")).getFirst().state())
        .isEqualTo(SecretState.STALE);
  }

  @Test
  void anInvalidSecretOrAppspaceIsRefused() {
    org.assertj.core.api.Assertions.assertThatThrownBy(() -> secrets().set("nobody", "api", SECRET))
        .isInstanceOf(ControlException.class)
        .hasMessageNotContaining(SECRET);
  }
}
