package io.dropserver.cli.app;

import io.dropserver.base.text.UnsafeCharacters;
import io.dropserver.base.text.VisibleText;
import io.dropserver.cli.output.CommandException;
import io.dropserver.schema.instance.NpmProgram;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The source that {@code dropserver app add} names. The text may come from a web page, and may
 * contain a credential, which messages do not repeat.
 */
sealed interface AddedSource {
  int MAX_APP_NAME = 63;
  int MAX_URL = 2048;

  /** Returns the name of an App for this source, as a DNS label. */
  String appName();

  /**
   * @throws CommandException when the text names no source, with a remedy
   */
  static AddedSource parse(String text) {
    if (text.startsWith(FromGit.PREFIX)) {
      return FromGit.parse(text);
    }
    if (text.regionMatches(true, 0, "https:", 0, 6) || text.regionMatches(true, 0, "http:", 0, 5)) {
      return FromArchive.parse(text);
    }
    if (!text.startsWith(NpmProgram.PREFIX)) {
      throw new CommandException(
          VisibleText.line(text) + " is not a source",
          "write npm:NAME@VERSION, git:URL@REVISION or https://…/NAME.tar.gz");
    }
    return new FromNpm(PackageSpec.parse(text));
  }

  /** A package from npm. */
  record FromNpm(PackageSpec spec) implements AddedSource {
    @Override
    public String appName() {
      return spec.appName();
    }

    @Override
    public String toString() {
      return spec.toString();
    }
  }

  /**
   * A Git repository.
   *
   * @param revision a branch, a tag, or a commit ID
   */
  record FromGit(String url, String revision) implements AddedSource {
    static final String PREFIX = "git:";
    private static final Pattern REVISION =
        Pattern.compile("[0-9A-Za-z](?:[0-9A-Za-z+_-]|[./](?![./])){0,200}");
    private static final Pattern HTTPS = Pattern.compile("https://[^/@?#]+/[^@?#]+");
    private static final Pattern OTHER =
        Pattern.compile("(?:ssh://[^?#]+|file:///[^?#]+|[A-Za-z0-9._-]+@[A-Za-z0-9.-]+:[^:?#]+)");

    static FromGit parse(String text) {
      int at = text.lastIndexOf('@');
      String url = at < 0 ? "" : text.substring(PREFIX.length(), Math.max(at, PREFIX.length()));
      String revision = at < 0 ? "" : text.substring(at + 1);
      if (!REVISION.matcher(revision).matches() || revision.endsWith(".")) {
        throw new CommandException(
            "the source does not name a revision",
            "write git:URL@REVISION with a branch, a tag or a whole commit id; the entry names the"
                + " commit");
      }
      boolean known = HTTPS.matcher(url).matches() || OTHER.matcher(url).matches();
      if (!known || url.length() > MAX_URL || isUnsafe(url)) {
        throw new CommandException(
            "the text between git: and @ is not the URL of a Git repository",
            "write git:https://HOST/PATH@REVISION, without a user, a password and a query");
      }
      return new FromGit(url, revision);
    }

    @Override
    public String appName() {
      return label(url.replaceFirst("/+$", "").replaceFirst("\\.git$", ""));
    }

    @Override
    public String toString() {
      return PREFIX + url + "@" + revision;
    }
  }

  /** A package, a {@code .tar.gz} at an https URL. */
  record FromArchive(URI url) implements AddedSource {
    static FromArchive parse(String text) {
      Optional<URI> uri = uri(text);
      if (uri.isEmpty() || uri.get().getHost() == null || text.length() > MAX_URL) {
        throw new CommandException(
            "the source is not an https URL",
            "write the URL of a .tar.gz, like https://example.org/weather-1.2.0.tar.gz");
      }
      if (uri.get().getRawUserInfo() != null
          || uri.get().getRawQuery() != null
          || uri.get().getRawFragment() != null) {
        throw new CommandException(
            "the URL has a user, a query or a fragment, which may be a credential",
            "the URL is written into the repository: use one without them");
      }
      return new FromArchive(uri.get());
    }

    private static Optional<URI> uri(String text) {
      if (isUnsafe(text) || !text.startsWith("https://")) {
        return Optional.empty();
      }
      try {
        return Optional.of(new URI(text));
      } catch (URISyntaxException e) {
        return Optional.empty();
      }
    }

    @Override
    public String appName() {
      String file = String.valueOf(url.getPath()).replaceFirst("\\.(?:tar\\.gz|tgz)$", "");
      return label(file.replaceFirst("-v?[0-9][^/]*$", ""));
    }

    @Override
    public String toString() {
      return url.toString();
    }
  }

  private static boolean isUnsafe(String url) {
    return UnsafeCharacters.NAME.isIn(url) || !url.chars().allMatch(c -> c > ' ' && c < 127);
  }

  /** Returns the last segment of a path as a DNS label. */
  static String label(String path) {
    String name = path.substring(Math.max(path.lastIndexOf('/'), path.lastIndexOf(':')) + 1);
    String label =
        name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-|-$", "");
    String cut = label.substring(0, Math.min(label.length(), MAX_APP_NAME));
    return cut.isEmpty() ? "app" : cut.replaceAll("-$", "");
  }
}
