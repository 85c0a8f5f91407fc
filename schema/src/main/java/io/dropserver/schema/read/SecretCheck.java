package io.dropserver.schema.read;

import io.dropserver.schema.document.Quoting;
import io.dropserver.schema.document.SpellingSuggestion;
import io.dropserver.schema.instance.Kind;
import io.dropserver.schema.instance.Location;
import io.dropserver.schema.instance.Problem;
import io.dropserver.schema.instance.Secret;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Validates the references of Secrets to appspaces, and that each secret has one value. */
final class SecretCheck {
  /** Maximum number of documents of this kind. The server decrypts each with public keys. */
  private static final int MAX_SECRETS = 200;

  private SecretCheck() {}

  static List<Problem> problems(DocumentIndex documents) {
    List<Problem> problems = new ArrayList<>();
    List<Document> secrets = documents.documents(Kind.SECRET);
    secrets.stream()
        .skip(MAX_SECRETS)
        .forEach(
            document ->
                problems.add(
                    Problem.at(
                        document.nameLocation(),
                        "there are more than " + MAX_SECRETS + " documents of kind Secret",
                        "put the secrets of several appspaces into one document")));
    Map<String, Location> seen = new HashMap<>();
    for (Document document : secrets) {
      check((Secret) document.resource(), documents, seen, problems);
    }
    return problems;
  }

  private static void check(
      Secret secret, DocumentIndex documents, Map<String, Location> seen, List<Problem> problems) {
    secret
        .secrets()
        .forEach(
            (appspace, entries) ->
                entries.forEach(
                    (name, entry) -> {
                      if (documents.isUndeclared(Kind.APPSPACE, appspace)) {
                        problems.add(undeclared(entry.location(), appspace, documents));
                      }
                      Location first = seen.putIfAbsent(appspace + "\n" + name, entry.location());
                      if (first != null) {
                        problems.add(
                            Problem.at(
                                entry.location(),
                                "the secret %s of appspace %s has two values"
                                    .formatted(name, appspace),
                                "the other is at " + first + "; remove one"));
                      }
                    }));
  }

  private static Problem undeclared(Location at, String appspace, DocumentIndex documents) {
    return new Problem(
        at,
        "there is no Appspace " + Quoting.quote(appspace),
        SpellingSuggestion.hint(appspace, documents.names(Kind.APPSPACE))
            .or(() -> Optional.of("add a document of kind Appspace")));
  }
}
