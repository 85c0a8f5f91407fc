package io.dropserver.reconciler.forge;

import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The path that identifies a repository in a forge's API.
 *
 * @param segments owner or groups, then the repository; at least two
 */
record ProjectPath(List<String> segments) {

  /**
   * @param repository https, SSH or {@code user@host:path}; of a local path, only the last two
   *     segments are used
   * @param api URL of the forge's API; if the forge is below a path of its host, that path is
   *     removed from the repository's
   * @throws IllegalArgumentException when the URL does not contain owner and repository
   */
  static ProjectPath of(String repository, URI api) {
    boolean local = repository.startsWith("/") || repository.startsWith("file:");
    String path =
        repository
            .replaceFirst("^[A-Za-z][A-Za-z0-9+.-]*://[^/]*/", "")
            .replaceFirst("^[^/:]+@[^/:]+:", "")
            .replaceFirst("/+$", "")
            .replaceFirst("\\.git$", "");
    String below = api.getPath() == null ? "" : api.getPath().replaceFirst("/api/.*", "");
    String root = below.replaceAll("^/+|/+$", "") + "/";
    String own = root.length() > 1 && path.startsWith(root) ? path.substring(root.length()) : path;
    List<String> segments =
        java.util.Arrays.stream(own.split("/", -1)).filter(s -> !s.isEmpty()).toList();
    if (segments.size() < 2 || !segments.stream().allMatch(s -> s.matches("[A-Za-z0-9._~+-]+"))) {
      throw new IllegalArgumentException("the Git URL does not name an owner and a repository");
    }
    int first = local ? segments.size() - 2 : 0;
    return new ProjectPath(segments.subList(first, segments.size()));
  }

  /** Returns the owner, for forges without nested groups. */
  String owner() {
    return segments.get(segments.size() - 2);
  }

  /** Returns {@code owner/repository}, encoded for a URL path. */
  String inPath() {
    return encoded(owner()) + "/" + encoded(segments.getLast());
  }

  /** Returns all groups and the repository, encoded as one path segment. */
  String asOneSegment() {
    return encoded(String.join("/", segments));
  }

  /** Encodes a query value or a path segment. */
  static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
