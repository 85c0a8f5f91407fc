package io.dropserver.cli.doctor;

import io.dropserver.egress.gateway.TrustedAuthorities;
import io.dropserver.reconciler.source.UntrustedCertificate;
import io.dropserver.schema.host.HostConfig.Repo;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Optional;

/**
 * Checks whether the followed repository is public, because a public repository would also publish
 * the apps' requests. Sends the same request as Git without credentials (see Git's documentation of
 * http-protocol).
 */
final class PublicRepository {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final String NAME = "followed repository";
  private static final String WHY =
      "requests for approval become branches and pull requests, which show what apps reach";

  private PublicRepository() {}

  /**
   * @return empty if the URL of the repository is not http or https
   */
  static Optional<DoctorCheck> check(Repo repo) {
    String url = repo.url();
    if (!url.startsWith("https:") && !url.startsWith("http:")) {
      return Optional.empty();
    }
    URI address = URI.create(url.replaceAll("/+$", "") + "/info/refs?service=git-upload-pack");
    try (HttpClient http =
        HttpClient.newBuilder()
            .connectTimeout(TIMEOUT)
            .followRedirects(HttpClient.Redirect.NORMAL)
            .sslContext(TrustedAuthorities.with("repo.trust", repo.trust()).context())
            .build()) {
      HttpRequest request = HttpRequest.newBuilder(address).timeout(TIMEOUT).GET().build();
      HttpResponse<Void> response = http.send(request, BodyHandlers.discarding());
      boolean listed =
          response
              .headers()
              .firstValue("content-type")
              .filter("application/x-git-upload-pack-advertisement"::equals)
              .isPresent();
      return Optional.of(
          response.statusCode() == 200 && listed
              ? DoctorCheck.missing(
                  NAME,
                  false,
                  "everyone can read it at " + address.getHost(),
                  WHY,
                  "make it private, or decide on the command line: dropserver approvals"
                      + " approve|deny")
              : DoctorCheck.present(NAME, false, "cannot be read without credentials", WHY));
    } catch (IOException e) {
      return Optional.of(
          DoctorCheck.present(
              NAME,
              false,
              UntrustedCertificate.isCauseOf(e)
                  ? "unknown: the certificate of %s is not trusted; %s"
                      .formatted(address.getHost(), UntrustedCertificate.REMEDY)
                  : "unknown: " + address.getHost() + " does not respond",
              WHY));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }
}
