package io.dropserver.reconciler.forge;

import io.dropserver.reconciler.source.RetryAfter;
import io.dropserver.reconciler.source.UntrustedCertificate;
import io.dropserver.reconciler.source.WriteException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A client for a forge's JSON REST API. After a rate limit, a refused token or a timeout, calls
 * fail immediately until the requested or default delay has passed. Thread-safe.
 */
final class ForgeApi {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final long MOST_BYTES = 16L << 20;
  private static final Duration PAUSE_AFTER_REFUSAL = Duration.ofMinutes(1);
  private static final Duration PAUSE_AFTER_TIMEOUT = Duration.ofSeconds(10);

  /** Status codes with which forges report that the object already exists. */
  private static final Set<Integer> DUPLICATE = Set.of(409, 422);

  private final String base;
  private final Access access;
  private final InstantSource clock;
  private final Duration timeout;
  private final HttpClient http;
  private final AtomicReference<RequestPause> pause =
      new AtomicReference<>(new RequestPause(Instant.MIN, ""));

  private record RequestPause(Instant until, String why) {}

  /**
   * How to authenticate to a forge.
   *
   * @param tokenHeader header that carries the token
   * @param tokenPrefix text before the token
   * @param headers additional headers of every request
   * @param tokenFile read for each call
   */
  record Access(
      String tokenHeader, String tokenPrefix, Map<String, String> headers, Path tokenFile) {}

  /**
   * @param base such as {@code https://api.github.com}
   * @param requestTimeout timeout for a whole response, including its body
   */
  ForgeApi(URI base, Access access, HttpClient http, InstantSource clock, Duration requestTimeout) {
    this.base = base.toString().replaceAll("/+$", "");
    this.access = access;
    this.clock = clock;
    this.timeout = requestTimeout;
    this.http = http;
  }

  JsonNode get(String path) {
    return call("GET", path, Optional.empty(), Set.of()).orElseThrow();
  }

  /** Sends GET and returns the response; empty if the resource does not exist. */
  Optional<JsonNode> find(String path) {
    return call("GET", path, Optional.empty(), Set.of(404));
  }

  /**
   * Sends POST and returns the response; empty if the forge reports that the object already exists.
   */
  Optional<JsonNode> create(String path, Map<String, ?> body) {
    return call("POST", path, Optional.of(body), DUPLICATE);
  }

  JsonNode post(String path, Map<String, ?> body) {
    return call("POST", path, Optional.of(body), Set.of()).orElseThrow();
  }

  JsonNode change(String method, String path, Map<String, ?> body) {
    return call(method, path, Optional.of(body), Set.of()).orElseThrow();
  }

  /**
   * Sends a request and returns the response, whatever its status is. A refusal does not delay
   * later calls.
   */
  HttpResponse<String> probe(String method, String path, Optional<Map<String, ?>> body) {
    return send(request(method, path, body));
  }

  private Optional<JsonNode> call(
      String method, String path, Optional<Map<String, ?>> body, Set<Integer> nothing) {
    requireNotPaused();
    HttpResponse<String> response = send(request(method, path, body));
    int status = response.statusCode();
    if (nothing.contains(status)) {
      return Optional.empty();
    }
    if (status / 100 != 2) {
      throw refused(method, path, response);
    }
    try {
      return Optional.of(JSON.readTree(response.body()));
    } catch (JacksonException e) {
      throw failure(
          "%s returned a response that is not JSON; check that it is the address of the REST interface"
              .formatted(base));
    }
  }

  private void requireNotPaused() {
    RequestPause current = pause.get();
    Duration left = Duration.between(clock.instant(), current.until());
    // A longer pause began at a later date, before the date was set back.
    if (left.isPositive() && left.compareTo(RetryAfter.LONGEST) <= 0) {
      throw new WriteException(current.why(), Optional.of(left));
    }
  }

  private HttpRequest request(String method, String path, Optional<Map<String, ?>> body) {
    String token;
    try {
      token = Files.readString(access.tokenFile(), StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      throw failure("the token file " + access.tokenFile() + " cannot be read");
    }
    if (token.isEmpty() || !token.chars().allMatch(c -> c > ' ' && c < 127)) {
      throw failure("the token file " + access.tokenFile() + " must contain exactly one token");
    }
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(base + path))
            .timeout(timeout)
            .header("User-Agent", "dropserver")
            .header(access.tokenHeader(), access.tokenPrefix() + token);
    access.headers().forEach(request::header);
    body.ifPresent(b -> request.header("Content-Type", "application/json"));
    return request
        .method(
            method,
            body.map(b -> BodyPublishers.ofString(JSON.writeValueAsString(b)))
                .orElseGet(BodyPublishers::noBody))
        .build();
  }

  /**
   * Sends a request. The client's own timeout covers only the headers, so this method adds one for
   * the body.
   */
  private HttpResponse<String> send(HttpRequest request) {
    CompletableFuture<HttpResponse<String>> sent =
        http.sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofString(), MOST_BYTES));
    try {
      return sent.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw timedOut();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failure("the server is stopping");
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      if (cause instanceof HttpTimeoutException || cause instanceof ConnectException) {
        throw timedOut();
      }
      throw failure(
          UntrustedCertificate.isCauseOf(cause)
              ? "the certificate of %s is not trusted; %s"
                  .formatted(base, UntrustedCertificate.REMEDY)
              : "the connection to " + base + " broke: " + cause.getMessage());
    } finally {
      sent.cancel(true);
    }
  }

  private WriteException timedOut() {
    return pauseFor(PAUSE_AFTER_TIMEOUT, "the forge at " + base + " does not respond");
  }

  private WriteException refused(String method, String path, HttpResponse<String> response) {
    int status = response.statusCode();
    String what = "the forge at " + base + " answers " + status;
    Optional<Duration> limit = RateLimit.of(response, clock.instant());
    if (limit.isPresent()) {
      return pauseFor(limit.get(), what + ": too many requests");
    }
    String place = method + " " + path.replaceAll("\\?.*", "");
    return switch (status) {
      case 401, 403 ->
          pauseFor(
              PAUSE_AFTER_REFUSAL,
              "%s to %s; check the permissions of the token in %s"
                  .formatted(what, place, access.tokenFile()));
      // Not a pause, because it may concern one branch or pull request alone.
      case 404 ->
          failure(
              "%s to %s: the branch, the pull request or the repository is not there, or not visible with the token in %s"
                  .formatted(what, place, access.tokenFile()));
      case 301, 302, 307, 308 ->
          failure(what + " to " + place + ": it has moved; correct repo.url and repo.write.api");
      default -> failure(what + " to " + place);
    };
  }

  private WriteException pauseFor(Duration time, String why) {
    pause.set(new RequestPause(clock.instant().plus(time), why));
    return new WriteException(why, Optional.of(time));
  }

  private static WriteException failure(String message) {
    return new WriteException(message, Optional.empty());
  }
}
