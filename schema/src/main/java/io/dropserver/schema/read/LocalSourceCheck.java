package io.dropserver.schema.read;

import io.dropserver.schema.document.Quoting;
import io.dropserver.schema.instance.App.GitRepositorySource;
import io.dropserver.schema.instance.Problem;
import java.net.URI;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/**
 * Validates sources in Git repositories on the server's machine. The server reads them as its own
 * user, but write access to the instance repository must not grant read access to every repository
 * of the machine. The host configuration therefore lists the permitted folders.
 */
final class LocalSourceCheck {
  private LocalSourceCheck() {}

  static List<Problem> problems(Collection<FileContent> files, List<Path> open) {
    return FileContent.sources(files, GitRepositorySource.class)
        .filter(source -> isLocal(source.url()) && !isPermitted(source.url(), open))
        .map(
            source ->
                Problem.at(
                    source.location(),
                    Quoting.quote(source.url()) + " is a repository on the server's machine",
                    "use https:// or ssh://, or open its folder in the host's configuration:"
                        + " apps.localRepositories"))
        .toList();
  }

  private static boolean isLocal(String url) {
    return url.toLowerCase(Locale.ROOT).startsWith("file:");
  }

  private static boolean isPermitted(String url, List<Path> open) {
    try {
      URI uri = URI.create(url);
      if (uri.getPath() == null || uri.getRawAuthority() != null) {
        return false;
      }
      Path path = Path.of(uri.getPath()).normalize();
      return path.isAbsolute() && open.stream().anyMatch(path::startsWith);
    } catch (IllegalArgumentException e) {
      return false; // other checks report what is wrong with it
    }
  }
}
