package io.dropserver.reconciler.forge;

import io.dropserver.schema.host.HostConfig.Forge;
import java.net.URI;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Builds links to the pages that a forge shows for commits and lines of files. Immutable.
 *
 * @param base URL of the repository's pages, without a trailing slash
 */
public record SourceLinks(Forge kind, String base) {

  /**
   * @param repository the Git URL
   * @param api URL of the forge's REST API
   * @return empty for {@link Forge#NONE}, or for a URL that does not contain owner and repository
   */
  public static Optional<SourceLinks> of(Forge kind, URI api, String repository) {
    try {
      ProjectPath project = ProjectPath.of(repository, api);
      String path =
          project.segments().stream().map(ProjectPath::encoded).collect(Collectors.joining("/"));
      return kind == Forge.NONE
          ? Optional.empty()
          : Optional.of(new SourceLinks(kind, pages(api) + "/" + path));
    } catch (IllegalArgumentException unknown) {
      return Optional.empty();
    }
  }

  /** Returns the base URL of the forge's web pages: the API's URL without {@code /api/…}. */
  private static String pages(URI api) {
    String host = api.getRawAuthority();
    String path = Optional.ofNullable(api.getRawPath()).orElse("").replaceFirst("/api/.*", "");
    return api.getScheme()
        + "://"
        + (host.equals("api.github.com") ? "github.com" : host)
        + path.replaceFirst("/+$", "");
  }

  /**
   * Returns the URL of a commit's page.
   *
   * @param revision 40 hex digits
   */
  public String commit(String revision) {
    return switch (kind) {
      case GITLAB -> base + "/-/commit/" + ProjectPath.encoded(revision);
      case GITHUB, GITEA, FORGEJO, NONE -> base + "/commit/" + ProjectPath.encoded(revision);
    };
  }

  /**
   * Returns the URL of a line of a file.
   *
   * @param file path in the repository, with forward slashes
   * @param line 1-based
   */
  public String line(String revision, String file, int line) {
    String path =
        Arrays.stream(file.split("/", -1))
            .map(ProjectPath::encoded)
            .collect(Collectors.joining("/"));
    String commit = ProjectPath.encoded(revision);
    String blob =
        switch (kind) {
          case GITLAB -> "/-/blob/" + commit;
          case GITEA, FORGEJO -> "/src/commit/" + commit;
          case GITHUB, NONE -> "/blob/" + commit;
        };
    return base + blob + "/" + path + "#L" + line;
  }
}
