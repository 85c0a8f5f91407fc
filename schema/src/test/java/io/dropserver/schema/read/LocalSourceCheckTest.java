package io.dropserver.schema.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.schema.instance.Problem;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LocalSourceCheckTest {
  private static final List<Path> OPEN = List.of(Path.of("/srv/git"));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "file:///etc/app.git",
        "FILE:///etc/app.git",
        "file:///srv/git/../../etc/app.git",
        "file:///srv/git/%2e%2e/%2e%2e/etc/app.git",
        "file:///srv/gitolite/app.git",
        "file://elsewhere/srv/git/app.git",
        "file:srv/git/app.git"
      })
  void aRepositoryOfTheMachineIsRefusedAtItsPlace(String url) throws IOException {
    assertThat(problems(url, OPEN))
        .anySatisfy(
            problem -> {
              assertThat(problem.location().toString()).isEqualTo("app.yaml:5:45");
              assertThat(problem.toString()).contains("error");
            });
  }

  @ParameterizedTest
  @ValueSource(strings = {"file:///srv/git/app.git", "file:///srv/git/team/app.git"})
  void aFolderThatTheHostOpensMayBeRead(String url) throws IOException {
    assertThat(problems(url, OPEN)).isEmpty();
    assertThat(problems(url, List.of()))
        .singleElement()
        .satisfies(
            problem ->
                assertThat(problem.toString())
                    .contains("on the server's machine", "apps.localRepositories"));
  }

  private static List<Problem> problems(String url, List<Path> open) throws IOException {
    String app =
        """
        apiVersion: dropserver.io/v1
        kind: App
        metadata: {name: app}
        spec:
          versions: [{version: 1.0.0, source: {git: "%s", commit: %s}}]
        """
            .formatted(url, "a".repeat(40));
    String instance =
        """
        apiVersion: dropserver.io/v1
        kind: Instance
        metadata: {name: home}
        spec: {domain: home.example.org}
        """;
    return new InstanceReader()
        .read(
            new MapTree().with("app.yaml", app).with("instance.yaml", instance),
            ReadOptions.WHOLE_REPOSITORY.withLocalRepositories(open))
        .problems();
  }
}
