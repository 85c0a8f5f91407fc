package io.dropserver.schema.host;

import io.dropserver.schema.host.HostConfig.Forge;
import java.net.URI;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Derives the forge from a repository's URL. */
public final class ForgeDetection {
  private static final Map<String, Forge> HOSTS =
      Map.of(
          "github.com", Forge.GITHUB,
          "gitlab.com", Forge.GITLAB,
          "gitea.com", Forge.GITEA,
          "codeberg.org", Forge.FORGEJO);

  /**
   * Captures the host of an https URL with its port, of an ssh URL without its port, or of {@code
   * user@host:path}.
   */
  private static final Pattern HOST =
      Pattern.compile(
          "(?:https://([^/@]+)/|ssh://(?:[^/@]*@)?([^/:]+)(?::[0-9]+)?/|[^/:@]+@([^/:]+):).*",
          Pattern.CASE_INSENSITIVE);

  private ForgeDetection() {}

  /**
   * Detects the forge by its host: a well-known host, or a host whose first label is the name of
   * the software, such as {@code gitlab.example.org}.
   */
  public static Forge of(String repository) {
    String host = host(repository).orElse("").replaceFirst(":[0-9]+$", "");
    Forge known = HOSTS.get(host);
    return known == null ? RepoFields.forge(host.replaceFirst("\\..*", "")) : known;
  }

  /** Returns the default URL of the forge's REST API on the host of the repository. */
  public static Optional<URI> api(Forge forge, String repository) {
    return host(repository)
        .flatMap(
            host ->
                switch (forge) {
                  case GITHUB ->
                      Optional.of(
                          host.equals("github.com")
                              ? "https://api.github.com"
                              : "https://" + host + "/api/v3");
                  case GITLAB -> Optional.of("https://" + host + "/api/v4");
                  case GITEA, FORGEJO -> Optional.of("https://" + host + "/api/v1");
                  case NONE -> Optional.<String>empty();
                })
        .map(URI::create);
  }

  private static Optional<String> host(String repository) {
    Matcher url = HOST.matcher(repository);
    if (!url.matches()) {
      return Optional.empty();
    }
    for (int group = 1; group <= url.groupCount(); group++) {
      if (url.group(group) != null) {
        return Optional.of(url.group(group).toLowerCase(Locale.ROOT))
            .filter(host -> host.matches("[a-z0-9.-]+(:[0-9]+)?"));
      }
    }
    return Optional.empty();
  }
}
