package io.dropserver.reconciler.forge;

import io.dropserver.reconciler.source.UntrustedCertificate;
import io.dropserver.reconciler.source.WriteException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Tries what the server needs from a forge, and changes nothing there: the token and its scopes,
 * the webhooks and their events, the protection of the followed branch, and the clock. Blocks until
 * the forge has answered. Thread-safe.
 */
public final class ForgeInspection {
  private static final JsonMapper JSON = JsonMapper.shared();

  /** Difference of the clocks that the network and the forge explain. */
  private static final Duration CLOCK_TOLERANCE = Duration.ofMinutes(1);

  /** Access levels from which a member of a GitLab project may push. */
  private static final int GITLAB_DEVELOPER = 30;

  private final ForgeApi api;
  private final InspectionPaths paths;
  private final Path tokenFile;
  private final InstantSource clock;

  ForgeInspection(ForgeApi api, InspectionPaths paths, Path tokenFile, InstantSource clock) {
    this.api = api;
    this.paths = paths;
    this.tokenFile = tokenFile;
    this.clock = clock;
  }

  /** The result of one trial. */
  public enum Result {
    WORKS,
    /** The forge does not tell this user. */
    UNKNOWN,
    /** Something works without it. */
    LIMITED,
    FAILS
  }

  /**
   * @param subject such as {@code forge token}
   * @param remedy a command or an instruction; empty if nothing has to be done
   */
  public record Finding(String subject, Result result, String detail, String remedy) {}

  /**
   * Tries everything. If the token is refused, tries nothing that needs it.
   *
   * @param branch the followed branch
   * @param hooks names of the webhooks that the configuration declares for this forge
   * @param signs whether the server signs its commits
   */
  public List<Finding> run(String branch, Collection<String> hooks, boolean signs) {
    List<Finding> findings = new ArrayList<>();
    try {
      HttpResponse<String> repository = api.probe("GET", paths.repository(), Optional.empty());
      clock(repository).ifPresent(findings::add);
      Finding token = token(repository);
      findings.addFirst(token);
      if (token.result() == Result.WORKS) {
        findings.add(scopes());
        findings.addAll(hooks(branch, hooks));
        findings.addAll(branch(branch, signs));
      }
    } catch (WriteException e) {
      findings.add(
          new Finding(
              "forge",
              Result.FAILS,
              String.valueOf(e.getMessage()),
              String.valueOf(e.getMessage()).contains(UntrustedCertificate.REMEDY)
                  ? UntrustedCertificate.REMEDY
                  : "check repo.write.api and the network"));
    }
    return findings;
  }

  private Finding token(HttpResponse<String> repository) {
    String subject = "forge token";
    int status = repository.statusCode();
    if (status == 401) {
      return failed(subject, "the forge refuses it (401)", "put a valid token into " + tokenFile);
    }
    if (status == 403 || status == 404) {
      return failed(
          subject,
          "the repository is not visible with it (" + status + ")",
          "give the user of the token in %s access to the repository, and the token %s"
              .formatted(tokenFile, paths.scopes()));
    }
    if (status >= 300 && status < 400) {
      return failed(
          subject,
          "the repository was renamed or moved (%d)%s"
              .formatted(
                  status,
                  repository.headers().firstValue("Location").map(to -> " to " + to).orElse("")),
          "correct repo.url, or repo.write.api if the forge has another address");
    }
    Optional<JsonNode> json = json(repository);
    if (status != 200 || json.isEmpty()) {
      return failed(
          subject,
          "the forge answers " + status + " instead of describing the repository",
          "check that repo.write.api is the address of its REST interface");
    }
    if (json.get().path("archived").asBoolean(false)) {
      return failed(subject, "the repository is archived", "unarchive it at the forge");
    }
    return mayPush(json.get())
        ? new Finding(subject, Result.WORKS, "the forge accepts it", "")
        : failed(
            subject,
            "its user may only read the repository",
            "give the user of the token in " + tokenFile + " write access");
  }

  private static boolean mayPush(JsonNode repository) {
    JsonNode permissions = repository.path("permissions");
    int level =
        Math.max(
            permissions.path("project_access").path("access_level").asInt(0),
            permissions.path("group_access").path("access_level").asInt(0));
    return permissions.path("push").asBoolean(level >= GITLAB_DEVELOPER);
  }

  /** Posts nothing to each address to which the server posts. */
  private Finding scopes() {
    List<String> refused = new ArrayList<>();
    for (Map.Entry<String, String> write : paths.writes().entrySet()) {
      int status = api.probe("POST", write.getValue(), Optional.of(Map.of())).statusCode();
      if (status == 401 || status == 403) {
        refused.add(write.getKey());
      }
    }
    String subject = "forge token scopes";
    return refused.isEmpty()
        ? new Finding(
            subject, Result.WORKS, "it may " + String.join(", ", paths.writes().keySet()), "")
        : failed(
            subject,
            "it may not " + String.join(" or ", refused),
            "give the token in %s %s".formatted(tokenFile, paths.scopes()));
  }

  private List<Finding> hooks(String branch, Collection<String> names) {
    if (names.isEmpty()) {
      return List.of();
    }
    HttpResponse<String> response = api.probe("GET", paths.hooks(), Optional.empty());
    Optional<JsonNode> listed = json(response).filter(JsonNode::isArray);
    List<Finding> findings = new ArrayList<>();
    for (String name : names) {
      String subject = "webhook " + name;
      if (response.statusCode() != 200 || listed.isEmpty()) {
        findings.add(
            new Finding(
                subject,
                Result.UNKNOWN,
                "the forge lists webhooks only to administrators of the repository",
                "check in %s that it delivers pushes and pull requests"
                    .formatted(paths.hookSettings())));
        continue;
      }
      List<ForgeHook> hooks = new ArrayList<>();
      listed.get().forEach(hook -> hooks.add(ForgeHook.of(paths.kind(), hook)));
      findings.add(
          hook(subject, branch, hooks.stream().filter(hook -> hook.leadsTo(name)).toList()));
    }
    return findings;
  }

  /** Judges the webhook that delivers most, because several may lead to the server. */
  private Finding hook(String subject, String branch, List<ForgeHook> hooks) {
    if (hooks.isEmpty()) {
      return failed(
          subject,
          "the forge has no webhook that leads to it",
          "add one in %s: a JSON POST to the shell's URL and /hooks/%s, with its secret"
              .formatted(paths.hookSettings(), subject.substring("webhook ".length())));
    }
    SequencedMap<String, String> problems =
        hooks.stream()
            .map(hook -> hook.problems(branch))
            .min(Comparator.comparingInt(Map::size))
            .orElseThrow();
    return problems.isEmpty()
        ? new Finding(subject, Result.WORKS, "delivers pushes and pull requests", "")
        : failed(
            subject,
            String.join("; ", problems.keySet()),
            "in %s, %s"
                .formatted(
                    paths.hookSettings(),
                    String.join("; ", new LinkedHashSet<>(problems.values()))));
  }

  private List<Finding> branch(String branch, boolean signs) {
    String subject = "branch " + branch;
    String path = paths.branches() + ProjectPath.encoded(branch);
    HttpResponse<String> response = api.probe("GET", path, Optional.empty());
    Optional<JsonNode> json = json(response);
    if (response.statusCode() != 200 || json.isEmpty()) {
      return List.of(
          failed(
              subject,
              "the forge does not have it (" + response.statusCode() + ")",
              "correct repo.branch"));
    }
    List<Finding> findings = new ArrayList<>();
    findings.add(pushes(subject, json.get()));
    new SignatureRules(api, paths).inspect(branch, json.get(), signs).ifPresent(findings::add);
    return findings;
  }

  private static Finding pushes(String subject, JsonNode branch) {
    boolean isProtected = branch.path("protected").asBoolean(false);
    JsonNode push = branch.path("user_can_push");
    boolean mayPush =
        (push.isMissingNode() ? branch.path("can_push") : push).asBoolean(!isProtected);
    return mayPush
        ? new Finding(subject, Result.WORKS, "the token's user may push to it", "")
        : new Finding(
            subject,
            Result.LIMITED,
            "it is protected against pushes of the token's user; decisions in the dashboard and on"
                + " the command line fail, and pull requests work",
            "exempt the user from the protection, or decide only by merging pull requests");
  }

  private Optional<Finding> clock(HttpResponse<String> response) {
    return response
        .headers()
        .firstValue("Date")
        .flatMap(ForgeInspection::time)
        .map(there -> Duration.between(there, clock.instant()))
        .map(
            difference ->
                difference.abs().compareTo(CLOCK_TOLERANCE) <= 0
                    ? new Finding("clock", Result.WORKS, "agrees with the forge's", "")
                    : failed(
                        "clock",
                        "this machine's is %d seconds %s the forge's"
                            .formatted(
                                difference.abs().toSeconds(),
                                difference.isNegative() ? "behind" : "ahead of"),
                        "timedatectl set-ntp true"));
  }

  private static Optional<Instant> time(String text) {
    try {
      return Optional.of(
          ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  static Optional<JsonNode> json(HttpResponse<String> response) {
    try {
      return Optional.of(JSON.readTree(response.body()));
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }

  private static Finding failed(String subject, String detail, String remedy) {
    return new Finding(subject, Result.FAILS, detail, remedy);
  }
}
