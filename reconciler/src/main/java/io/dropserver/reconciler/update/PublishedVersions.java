package io.dropserver.reconciler.update;

import io.dropserver.egress.gateway.GuardedFetch;
import io.dropserver.sandbox.app.RedirectRule;
import io.dropserver.schema.instance.App;
import io.dropserver.schema.instance.App.AppVersion;
import io.dropserver.schema.instance.App.GitRepositorySource;
import io.dropserver.schema.instance.App.NpmSource;
import io.dropserver.schema.instance.Follow;
import io.dropserver.schema.instance.SemanticVersion;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Asks the origins of apps for their versions. Answers come from strangers: their time, size and
 * number of versions are bounded. Thread-safe.
 */
public record PublishedVersions(GuardedFetch fetch, RepositoryTags tags, NpmRegistry npmRegistry) {
  /** The maximum size of an answer of a registry or a listing. */
  static final int MAX_BYTES = 16 << 20;

  /** The time limit of one question. */
  static final Duration DEADLINE = Duration.ofSeconds(60);

  private static final String ABBREVIATED = "application/vnd.npm.install-v1+json";

  /** The registry of packages from npm. */
  @FunctionalInterface
  public interface NpmRegistry {
    /** Returns its address, which ends with a slash. */
    URI url() throws IOException;
  }

  /** The tags of Git repositories. */
  @FunctionalInterface
  public interface RepositoryTags {
    /**
     * Returns the commits of all tags of a repository, by the tags' names.
     *
     * @throws IOException when the repository does not answer, or has too many tags
     */
    Map<String, String> of(String url) throws IOException;
  }

  /**
   * Returns the highest release in the range of an App, if it is higher than all declared ones.
   *
   * @throws IOException with a sentence when the origin does not answer as expected
   */
  Optional<Candidate> newest(App app) throws IOException {
    Follow follow = app.follow().orElseThrow();
    AppVersion newest = app.newest().orElseThrow();
    List<Candidate> published =
        switch (follow.origin()) {
          case Follow.Registry _ -> registry((NpmSource) newest.source());
          case Follow.Tags pattern -> tags(pattern, (GitRepositorySource) newest.source());
          case Follow.Listing(URI url) -> listing(url);
        };
    SemanticVersion declared = SemanticVersion.parse(newest.version()).orElseThrow();
    Optional<Candidate> highest =
        published.stream()
            .filter(each -> follow.range().contains(each.version()))
            .filter(each -> each.version().compareTo(declared) > 0)
            .max(Comparator.comparing(Candidate::version));
    if (highest.isPresent() && follow.origin() instanceof Follow.Listing(URI url)) {
      requireReachable(url, highest.get(), RedirectRule.SYSTEM);
    }
    return highest;
  }

  /**
   * Requires that a listing names only hosts to which it could also redirect. No person has seen
   * these URLs when the trial fetches them.
   */
  static void requireReachable(URI listing, Candidate candidate, RedirectRule rule)
      throws IOException {
    for (String path : List.of("source.package", "source.signature")) {
      Optional<String> named = Optional.ofNullable(candidate.texts().get(path));
      try {
        if (named.isPresent()) {
          rule.requireRedirect(listing, URI.create(named.get()));
        }
      } catch (IOException e) {
        throw new IOException(
            "version %s of the listing %s has a URL to which the listing could not redirect: %s"
                .formatted(candidate.version(), listing, e.getMessage()),
            e);
      }
    }
  }

  private List<Candidate> listing(URI url) throws IOException {
    try {
      return PublishedJson.listing(
          fetch.get(url, "application/json", PublishedJson.MAX_LISTING_BYTES, DEADLINE));
    } catch (InterruptedIOException e) {
      throw e;
    } catch (IOException e) {
      throw new IOException(
          "%s; correct `follow.listing` of the App, or the document at its URL; docs/operate/updates.md has the format"
              .formatted(e.getMessage()),
          e);
    }
  }

  private List<Candidate> registry(NpmSource source) throws IOException {
    URI url = npmRegistry.url().resolve(source.name());
    byte[] answer = fetch.get(url, ABBREVIATED, MAX_BYTES, DEADLINE);
    return PublishedJson.npmVersions(answer).stream()
        .map(version -> new Candidate(version, Map.of(), Optional.empty()))
        .toList();
  }

  private List<Candidate> tags(Follow.Tags pattern, GitRepositorySource source) throws IOException {
    return tags.of(source.url()).entrySet().stream()
        .flatMap(
            tag ->
                pattern.version(tag.getKey()).stream()
                    .map(
                        version ->
                            new Candidate(
                                version,
                                Map.of("source.commit", tag.getValue()),
                                Optional.empty())))
        .toList();
  }
}
