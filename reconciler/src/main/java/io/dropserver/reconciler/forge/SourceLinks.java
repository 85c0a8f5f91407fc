package io.dropserver.reconciler.forge;

import io.dropserver.schema.host.HostConfig.Forge;
import java.net.URI;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Where a forge shows commits and lines of files, for people. Immutable.
 *
 * @param base of the repository's pages, without a trailing slash
 */
public record SourceLinks(Forge kind, String base) {

  /**
   * @param repository the Git URL
   * @param api the forge's REST interface
   * @return empty for a forge of no kind, or a URL that names no owner and repository
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

  /** Where the interface is, people's pages are, but for the path that leads to it. */
  private static String pages(URI api) {
    String host = api.getRawAuthority();
    String path = Optional.ofNullable(api.getRawPath()).orElse("").replaceFirst("/api/.*", "");
    return api.getScheme()
        + "://"
        + (host.equals("api.github.com") ? "github.com" : host)
        + path.replaceFirst("/+$", "");
  }

  /**
   * @param revision a whole commit id
   */
  public String commit(String revision) {
    return switch (kind) {
      case GITLAB -> base + "/-/commit/" + ProjectPath.encoded(revision);
      case GITHUB, GITEA, FORGEJO, NONE -> base + "/commit/" + ProjectPath.encoded(revision);
    };
  }

  /**
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
