package io.dropserver.egress.gateway;

import io.dropserver.base.http1.Fields.Field;
import io.dropserver.egress.EgressPolicy.Grant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.regex.Matcher;

/**
 * The headers that a grant adds, with secrets filled in.
 *
 * @param values the secrets themselves, which are removed from the response
 */
record SecretHeaders(List<Field> fields, Set<String> values) {
  /**
   * Replaces the placeholders in the headers with the appspace's secrets.
   *
   * @throws RefusedException when a secret is not set
   */
  static SecretHeaders fill(String appspace, SortedMap<String, String> headers, Secrets secrets)
      throws RefusedException {
    List<Field> fields = new ArrayList<>();
    Set<String> values = new HashSet<>();
    for (var header : headers.entrySet()) {
      Matcher matcher = Grant.SECRET.matcher(header.getValue());
      StringBuilder value = new StringBuilder();
      while (matcher.find()) {
        String name = matcher.group(1);
        String secret =
            secrets
                .find(appspace, name)
                .filter(SecretHeaders::isValidHeaderValue)
                .orElseThrow(() -> new RefusedException(Refusal.secretMissing(appspace, name)));
        values.add(secret);
        matcher.appendReplacement(value, Matcher.quoteReplacement(secret));
      }
      matcher.appendTail(value);
      fields.add(new Field(header.getKey(), value.toString()));
    }
    return new SecretHeaders(fields, values);
  }

  /**
   * Returns whether a secret can be the value of a header. A line break, for example, would inject
   * headers.
   */
  private static boolean isValidHeaderValue(String secret) {
    return !secret.isEmpty() && secret.chars().allMatch(c -> c >= ' ' && c < 256 && c != 127);
  }

  Redaction redaction() {
    return new Redaction(values);
  }

  boolean containsName(String name) {
    return fields.stream().anyMatch(field -> field.is(name));
  }
}
