package io.dropserver.reconciler.forge;

import io.dropserver.schema.host.HostConfig.Forge;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;

/** The forges that are known here, by their REST interfaces. */
public final class Forges {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private Forges() {}

  /**
   * Where a repository lies.
   *
   * @param api its base URL, such as {@code https://api.github.com}
   * @param repository the Git URL, whose path names owner and repository
   * @param tokenFile read anew for each call
   */
  public record Place(Forge kind, URI api, String repository, Path tokenFile) {}

  /**
   * @param name under which statuses are shown
   * @return empty for a forge of no kind
   * @throws IllegalArgumentException when the URL names no owner and repository
   */
  public static Optional<ForgeClient> open(Place place, String name, InstantSource clock) {
    return open(place, name, clock, PATIENCE);
  }

  /** As above, with another longest wait for one answer. */
  public static Optional<ForgeClient> open(
      Place place, String name, InstantSource clock, Duration patience) {
    if (place.kind() == Forge.NONE) {
      return Optional.empty();
    }
    ForgeApi.Access access = access(place.kind(), place.tokenFile());
    ForgeApi pulls = new ForgeApi(place.api(), access, clock, patience);
    ForgeApi statuses = new ForgeApi(place.api(), access, clock, patience);
    ProjectPath project = ProjectPath.of(place.repository(), place.api());
    return Optional.of(
        switch (place.kind()) {
          case GITHUB, NONE ->
              new ForgeClient(
                  new GitHubPulls(pulls, project), RestStatuses.gitHub(statuses, project, name));
          case GITLAB ->
              new ForgeClient(
                  new GitLabPulls(pulls, project), RestStatuses.gitLab(statuses, project, name));
          case GITEA, FORGEJO ->
              new ForgeClient(
                  new GiteaPulls(pulls, project), RestStatuses.gitHub(statuses, project, name));
        });
  }

  private static ForgeApi.Access access(Forge kind, Path tokenFile) {
    Map<String, String> json = Map.of("Accept", "application/json");
    return switch (kind) {
      case GITHUB, NONE ->
          new ForgeApi.Access(
              "Authorization",
              "Bearer ",
              Map.of("Accept", "application/vnd.github+json", "X-GitHub-Api-Version", "2022-11-28"),
              tokenFile);
      case GITLAB -> new ForgeApi.Access("PRIVATE-TOKEN", "", json, tokenFile);
      case GITEA, FORGEJO -> new ForgeApi.Access("Authorization", "token ", json, tokenFile);
    };
  }
}
