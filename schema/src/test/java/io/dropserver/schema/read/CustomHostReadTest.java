package io.dropserver.schema.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.schema.instance.Instance;
import io.dropserver.schema.instance.ProblemReport;
import java.io.IOException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Hosts outside the instance's domain. The golden file custom-hosts.yaml lists what is refused. */
class CustomHostReadTest {
  private static final InstanceReader READER = new InstanceReader();

  private static ReadResult read(String domain, String appspaces) throws IOException {
    String documents =
        """
        apiVersion: dropserver.io/v1
        kind: Instance
        metadata: {name: home}
        spec: {domain: %s}
        ---
        apiVersion: dropserver.io/v1
        kind: User
        metadata: {name: alice}
        spec: {displayName: Alice, role: admin}
        ---
        apiVersion: dropserver.io/v1
        kind: App
        metadata: {name: wiki}
        spec: {versions: [{version: 1.0.0, source: {path: apps/wiki}}]}
        %s
        """
            .formatted(domain, appspaces);
    String manifest =
        """
        {"name": "Wiki", "version": "1.0.0", "entrypoint": "main.ts", "runtime": "fetch"}
        """;
    MapTree tree =
        new MapTree()
            .with("instance.yaml", documents)
            .with("apps/wiki/dropapp.json", manifest)
            .with("apps/wiki/main.ts", new byte[0]);
    return READER.read(tree, ReadOptions.WHOLE_REPOSITORY);
  }

  private static String appspace(String name, String hosts) {
    return """
    ---
    apiVersion: dropserver.io/v1
    kind: Appspace
    metadata: {name: %s}
    spec: {app: {name: wiki, version: 1.0.0}, owner: alice, hosts: [%s]}
    """
        .formatted(name, hosts);
  }

  private static String problems(String domain, String appspaces) throws IOException {
    return ProblemReport.text(read(domain, appspaces).problems());
  }

  /** A file with the name of the host and a suffix must be possible. */
  @Test
  void aHostIsNotLongerThanANameOfItsCertificateMayBe() throws IOException {
    String label = "a".repeat(59) + ".";
    String longest = label.repeat(3) + "b".repeat(48) + ".example.net";
    assertThat(longest).hasSize(240);
    assertThat(problems("home.example.org", appspace("wiki", longest))).isEmpty();
    assertThat(problems("home.example.org", appspace("wiki", "b" + longest)))
        .contains("use a name of at most 240 characters");
  }

  @Test
  void hostsAreReadInTheirOrder() throws IOException {
    Instance instance =
        read(
                "home.example.org",
                appspace("wiki", "wiki.example.net, example.org, xn--e1afmkfd.net"))
            .instance()
            .orElseThrow();
    assertThat(instance.appspaces().values().iterator().next().customHostNames())
        .containsExactly("wiki.example.net", "example.org", "xn--e1afmkfd.net");
  }

  @Test
  void aHostOfThisMachineIsRefusedOnAPublicDomain() throws IOException {
    assertThat(problems("home.example.org", appspace("wiki", "wiki.localhost")))
        .contains("the host `wiki.localhost` leads to each visitor's own machine");
    assertThat(problems("home.localhost", appspace("wiki", "wiki.localhost"))).isEmpty();
  }

  @Test
  void theNumberOfCustomHostsIsBounded() throws IOException {
    String many =
        IntStream.range(0, 13)
            .mapToObj(
                space ->
                    appspace(
                        "wiki-" + space,
                        IntStream.range(0, 8)
                            .mapToObj(host -> "w%d.s%d.example.net".formatted(host, space))
                            .collect(Collectors.joining(", "))))
            .collect(Collectors.joining());
    assertThat(problems("home.example.org", many))
        .contains("the instance has more than 100 custom hosts")
        .containsOnlyOnce("error:");
  }
}
