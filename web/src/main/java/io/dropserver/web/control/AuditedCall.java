package io.dropserver.web.control;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What the audit log says about a call that changes something: its action and its objects. Both
 * follow from the route, so that no route can be left out. The values of parameters that may
 * contain a secret, a URL or a path are not recorded.
 */
record AuditedCall(String action, String object) {
  private static final List<String> RECORDED =
      List.of(
          "appspace",
          "name",
          "snapshot",
          "repository",
          "session",
          "credential",
          "accept",
          "owner",
          "data");

  private static final Map<String, String> NOUNS =
      Map.of(
          "appspaces", "appspace",
          "approvals", "approval",
          "backups", "backup",
          "secrets", "secret",
          "updates", "update",
          "users", "user");

  /** Returns the description of a call; empty for a call that only reads. */
  static Optional<AuditedCall> of(ControlCall call) {
    String method = call.request().getMethod();
    if (method.equals("GET") || method.equals("HEAD") || call.path().isEmpty()) {
      return Optional.empty();
    }
    String first = call.path().getFirst();
    String noun = NOUNS.getOrDefault(first, first);
    String action = (noun + " " + verb(call)).strip();
    return Optional.of(new AuditedCall(action, String.join(" ", objects(call, noun))));
  }

  private static String verb(ControlCall call) {
    return switch (call.request().getMethod()) {
      case "PUT" -> "set";
      case "DELETE" -> "remove";
      default ->
          call.path().size() == 1
              ? ""
              : call.optional("verb")
                  .map(verb -> verb.toLowerCase(Locale.ROOT))
                  .orElse(call.path().getLast());
    };
  }

  private static List<String> objects(ControlCall call, String noun) {
    List<String> objects = new ArrayList<>();
    List<String> path = call.path();
    if (path.size() > 2) {
      objects.add(noun + "/" + String.join("/", path.subList(1, path.size() - 1)));
    }
    Optional<String> kind = call.optional("kind");
    for (String name : RECORDED) {
      boolean named = name.equals("name");
      String key = named ? kind.map(k -> k.toLowerCase(Locale.ROOT)).orElse(noun) : name;
      call.optional(name).ifPresent(value -> objects.add(key + "/" + value));
    }
    return objects.isEmpty() ? List.of("instance") : objects;
  }
}
