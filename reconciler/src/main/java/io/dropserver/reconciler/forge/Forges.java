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
   * @param api its base URL, such as {@code https://api.github.com}
   * @param repository the Git URL, whose path names owner and repository
   * @param tokenFile read anew for each call
   * @return empty for a forge of no kind
   * @throws IllegalArgumentException when the URL names no owner and repository
   */
  public static Optional<PullRequests> open(
      Forge kind, URI api, String repository, Path tokenFile, InstantSource clock) {
    return open(kind, api, repository, tokenFile, clock, PATIENCE);
  }

  /** As above, with another longest wait for one answer. */
  public static Optional<PullRequests> open(
      Forge kind,
      URI api,
      String repository,
      Path tokenFile,
      InstantSource clock,
      Duration patience) {
    ForgeApi rest = new ForgeApi(api, access(kind, tokenFile), clock, patience);
    return switch (kind) {
      case NONE -> Optional.empty();
      case GITHUB -> Optional.of(new GitHubPulls(rest, ProjectPath.of(repository, api)));
      case GITLAB -> Optional.of(new GitLabPulls(rest, ProjectPath.of(repository, api)));
      case GITEA, FORGEJO -> Optional.of(new GiteaPulls(rest, ProjectPath.of(repository, api)));
    };
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
