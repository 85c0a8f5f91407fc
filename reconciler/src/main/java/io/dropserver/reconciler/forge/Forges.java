package io.dropserver.reconciler.forge;

import io.dropserver.egress.gateway.TrustedAuthorities;
import io.dropserver.schema.host.HostConfig.Forge;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Opens clients for the supported forges. */
public final class Forges {
  private static final Duration TIMEOUT = Duration.ofSeconds(20);

  private Forges() {}

  /**
   * The location of a repository.
   *
   * @param api base URL of the API, such as {@code https://api.github.com}
   * @param repository the Git URL, whose path contains owner and repository
   * @param tokenFile read for each call
   * @param trust PEM files of certificate authorities that are trusted beside the platform's
   */
  public record RepositoryLocation(
      Forge kind, URI api, String repository, Path tokenFile, List<Path> trust) {
    /** Creates a location whose certificate the platform's authorities verify. */
    public RepositoryLocation(Forge kind, URI api, String repository, Path tokenFile) {
      this(kind, api, repository, tokenFile, List.of());
    }
  }

  /**
   * How commit statuses are shown.
   *
   * @param name distinguishes them from those of other systems
   * @param link page to which they lead; empty without a public URL
   */
  public record StatusLabel(String name, Optional<URI> link) {}

  /**
   * Opens a client with the default timeout.
   *
   * @return empty for {@link Forge#NONE}
   * @throws IllegalArgumentException when the URL does not contain owner and repository
   */
  public static Optional<ForgeClient> open(
      RepositoryLocation repositoryLocation, StatusLabel label, InstantSource clock) {
    return open(repositoryLocation, label, clock, TIMEOUT);
  }

  /**
   * Like {@link #open(RepositoryLocation, StatusLabel, InstantSource)}, but with another timeout
   * for each response.
   */
  public static Optional<ForgeClient> open(
      RepositoryLocation repositoryLocation,
      StatusLabel label,
      InstantSource clock,
      Duration timeout) {
    if (repositoryLocation.kind() == Forge.NONE) {
      return Optional.empty();
    }
    ForgeApi.Access access = access(repositoryLocation.kind(), repositoryLocation.tokenFile());
    HttpClient http = client(repositoryLocation.trust(), timeout);
    ForgeApi pulls = new ForgeApi(repositoryLocation.api(), access, http, clock, timeout);
    ForgeApi statuses = new ForgeApi(repositoryLocation.api(), access, http, clock, timeout);
    ProjectPath project = ProjectPath.of(repositoryLocation.repository(), repositoryLocation.api());
    return Optional.of(
        switch (repositoryLocation.kind()) {
          case GITHUB, NONE ->
              new ForgeClient(
                  new GitHubPulls(pulls, project), RestStatuses.gitHub(statuses, project, label));
          case GITLAB ->
              new ForgeClient(
                  new GitLabPulls(pulls, project), RestStatuses.gitLab(statuses, project, label));
          case GITEA, FORGEJO ->
              new ForgeClient(
                  new GiteaPulls(pulls, project), RestStatuses.gitHub(statuses, project, label));
        });
  }

  private static HttpClient client(List<Path> trust, Duration timeout) {
    HttpClient.Builder builder =
        HttpClient.newBuilder().connectTimeout(timeout).followRedirects(HttpClient.Redirect.NEVER);
    return trust.isEmpty()
        ? builder.build()
        : builder.sslContext(TrustedAuthorities.with("repo.trust", trust).context()).build();
  }

  /** Opens an inspection with the default timeout; empty for {@link Forge#NONE}. */
  public static Optional<ForgeInspection> inspection(
      RepositoryLocation location, InstantSource clock) {
    if (location.kind() == Forge.NONE) {
      return Optional.empty();
    }
    ForgeApi api =
        new ForgeApi(
            location.api(),
            access(location.kind(), location.tokenFile()),
            client(location.trust(), TIMEOUT),
            clock,
            TIMEOUT);
    ProjectPath project = ProjectPath.of(location.repository(), location.api());
    return Optional.of(
        new ForgeInspection(
            api, InspectionPaths.of(location.kind(), project), location.tokenFile(), clock));
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
