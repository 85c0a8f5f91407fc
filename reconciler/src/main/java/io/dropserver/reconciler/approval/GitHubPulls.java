package io.dropserver.reconciler.approval;

import io.dropserver.reconciler.source.WriteException;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * GitHub's REST interface, version 2022-11-28: {@code GET} and {@code POST
 * /repos/{owner}/{repo}/pulls}. Thread-safe.
 */
public final class GitHubPulls implements PullRequests {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration SHORTEST_REST = Duration.ofMinutes(1);
  private static final Pattern PLACE =
      Pattern.compile("(?:.*[:/])?([A-Za-z0-9._-]+)/([A-Za-z0-9._-]+?)(?:\\.git)?/?");

  private final URI pulls;
  private final String owner;
  private final Path tokenFile;
  private final InstantSource clock;
  private final HttpClient http =
      HttpClient.newBuilder()
          .connectTimeout(PATIENCE)
          .followRedirects(HttpClient.Redirect.NEVER)
          .build();

  /**
   * @param api such as {@code https://api.github.com}
   * @param repository the Git URL, whose last two segments name owner and repository
   * @param tokenFile read anew for each call
   * @throws IllegalArgumentException when the URL has no such segments
   */
  public GitHubPulls(URI api, String repository, Path tokenFile, InstantSource clock) {
    Matcher place = PLACE.matcher(repository);
    if (!place.matches()) {
      throw new IllegalArgumentException("the Git URL names no owner and repository");
    }
    String base = api.toString().replaceAll("/+$", "");
    this.owner = place.group(1);
    this.pulls = URI.create(base + "/repos/" + owner + "/" + place.group(2) + "/pulls");
    this.tokenFile = tokenFile;
    this.clock = clock;
  }

  @Override
  public Optional<Pull> find(String branch) {
    String head = URLEncoder.encode(owner + ":" + branch, StandardCharsets.UTF_8);
    String query = "?state=all&sort=created&direction=desc&per_page=1&head=" + head;
    JsonNode found = send(request(URI.create(pulls + query)).GET().build());
    return found.isArray() && !found.isEmpty() ? Optional.of(pull(found.get(0))) : Optional.empty();
  }

  @Override
  public Pull open(String branch, String into, String title, String body) {
    Map<String, Object> asked = new LinkedHashMap<>();
    asked.put("title", title);
    asked.put("head", branch);
    asked.put("base", into);
    asked.put("body", body);
    asked.put("maintainer_can_modify", false);
    HttpRequest request =
        request(pulls)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(asked)))
            .build();
    return pull(send(request));
  }

  private static Pull pull(JsonNode pull) {
    State closed = pull.path("merged_at").isString() ? State.MERGED : State.CLOSED;
    State state = pull.path("state").asString("").equals("open") ? State.OPEN : closed;
    String head = pull.path("head").path("sha").asString("");
    return new Pull(pull.path("html_url").asString(""), head, state);
  }

  private HttpRequest.Builder request(URI uri) {
    try {
      String token = Files.readString(tokenFile, StandardCharsets.UTF_8).strip();
      return HttpRequest.newBuilder(uri)
          .timeout(PATIENCE)
          .header("Accept", "application/vnd.github+json")
          .header("X-GitHub-Api-Version", "2022-11-28")
          .header("User-Agent", "dropserver")
          .header("Authorization", "Bearer " + token);
    } catch (IOException e) {
      throw failure("the token file " + tokenFile + " cannot be read", Optional.empty());
    }
  }

  private JsonNode send(HttpRequest request) {
    try {
      HttpResponse<String> response = http.send(request, BodyHandlers.ofString());
      if (response.statusCode() / 100 == 2) {
        return JSON.readTree(response.body());
      }
      throw refused(response);
    } catch (IOException | JacksonException e) {
      throw failure(
          "the forge at " + pulls.getHost() + " does not answer: " + e.getMessage(),
          Optional.empty());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failure("the server is stopping", Optional.empty());
    }
  }

  /**
   * A forge that limits us is left alone for as long as it says, and a minute if it says nothing.
   */
  private WriteException refused(HttpResponse<String> response) {
    int status = response.statusCode();
    Optional<Duration> rest = Optional.empty();
    boolean spent =
        response.headers().firstValue("x-ratelimit-remaining").filter("0"::equals).isPresent();
    boolean retryAfter = response.headers().firstValue("retry-after").isPresent();
    if (status == 429 || status == 503 || (status == 403 && (spent || retryAfter))) {
      rest = Optional.of(rest(response, spent));
    }
    String hint =
        switch (status) {
          case 401, 403, 404 -> "; check what the token in " + tokenFile + " may do";
          default -> "";
        };
    return failure("the forge at " + pulls.getHost() + " answers " + status + hint, rest);
  }

  private Duration rest(HttpResponse<String> response, boolean spent) {
    OptionalLong seconds = number(response, "retry-after");
    OptionalLong reset = number(response, "x-ratelimit-reset");
    Duration rest = SHORTEST_REST;
    if (seconds.isPresent()) {
      rest = Duration.ofSeconds(seconds.getAsLong());
    } else if (spent && reset.isPresent()) {
      rest = Duration.between(clock.instant(), Instant.ofEpochSecond(reset.getAsLong()));
    }
    Duration longest = Duration.ofHours(1);
    Duration least = rest.compareTo(Duration.ofSeconds(1)) < 0 ? Duration.ofSeconds(1) : rest;
    return least.compareTo(longest) > 0 ? longest : least;
  }

  private static OptionalLong number(HttpResponse<String> response, String header) {
    String value = response.headers().firstValue(header).orElse("").strip();
    return value.matches("[0-9]{1,12}")
        ? OptionalLong.of(Long.parseLong(value))
        : OptionalLong.empty();
  }

  private static WriteException failure(String message, Optional<Duration> rest) {
    return new WriteException(message, rest);
  }
}
