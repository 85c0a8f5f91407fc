package io.dropserver.sandbox.egress.gateway;

import io.dropserver.sandbox.egress.http.Fields.Field;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The headers that a grant adds, secrets filled in.
 *
 * @param values the secrets themselves, to be struck out of what is answered
 */
record SecretHeaders(List<Field> fields, Set<String> values) {
  private static final Pattern SECRET = Pattern.compile("\\$\\{secret:([A-Za-z0-9._-]+)}");

  /** A header in which a secret came back. */
  private static final String STRUCK = "[secret]";

  /**
   * @throws RefusedException when a secret is not set
   */
  static SecretHeaders fill(String appspace, SortedMap<String, String> headers, Secrets secrets)
      throws RefusedException {
    List<Field> fields = new ArrayList<>();
    Set<String> values = new HashSet<>();
    for (var header : headers.entrySet()) {
      Matcher matcher = SECRET.matcher(header.getValue());
      StringBuilder value = new StringBuilder();
      while (matcher.find()) {
        String name = matcher.group(1);
        String secret =
            secrets
                .find(appspace, name)
                .filter(SecretHeaders::fitsAHeader)
                .orElseThrow(() -> new RefusedException(Refusal.secretMissing(appspace, name)));
        values.add(secret);
        matcher.appendReplacement(value, Matcher.quoteReplacement(secret));
      }
      matcher.appendTail(value);
      fields.add(new Field(header.getKey(), value.toString()));
    }
    return new SecretHeaders(fields, values);
  }

  /** A line break in it would write headers of its own. */
  private static boolean fitsAHeader(String secret) {
    return !secret.isEmpty() && secret.chars().allMatch(c -> c >= ' ' && c < 256 && c != 127);
  }

  String strike(String value) {
    String struck = value;
    for (String secret : values) {
      struck = struck.replace(secret, STRUCK);
    }
    return struck;
  }

  boolean sets(String name) {
    return fields.stream().anyMatch(field -> field.is(name));
  }
}
