package io.dropserver.egress.gateway;

import io.dropserver.base.http1.Fields.Field;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Finds a secret that a destination splits over several headers: over the end of one name or value
 * and the beginning of any other, or over the values of consecutive headers.
 */
final class SplitSecret {
  private final List<Field> fields;
  private final String secret;
  private final Set<Integer> found = new HashSet<>();

  private SplitSecret(List<Field> fields, String secret) {
    this.fields = fields;
    this.secret = secret;
  }

  /**
   * @param secret in lower case
   */
  static void removeFrom(List<Field> fields, String secret) {
    SplitSecret split = new SplitSecret(fields, secret);
    split.findPairs();
    split.findInConsecutiveValues();
    List<Field> kept = new ArrayList<>();
    for (int i = 0; i < fields.size(); i++) {
      if (!split.found.contains(i)) {
        kept.add(fields.get(i));
      }
    }
    fields.clear();
    fields.addAll(kept);
  }

  private void findPairs() {
    // Names are at even indexes, values at odd ones.
    List<String> texts = new ArrayList<>();
    for (Field field : fields) {
      texts.add(field.name().toLowerCase(Locale.ROOT));
      texts.add(field.value().toLowerCase(Locale.ROOT));
    }
    List<BitSet> begun = texts.stream().map(this::prefixesAtEnd).toList();
    List<BitSet> ended = texts.stream().map(this::remaindersAtStart).toList();
    for (int i = 0; i < texts.size(); i++) {
      for (int j = 0; j < texts.size() && !begun.get(i).isEmpty(); j++) {
        if (i != j && begun.get(i).intersects(ended.get(j))) {
          found.add(i / 2);
          found.add(j / 2);
        }
      }
    }
  }

  /** Returns all n for which the text ends with the first n characters of the secret. */
  private BitSet prefixesAtEnd(String text) {
    BitSet numbers = new BitSet();
    for (int n = Math.min(secret.length() - 1, text.length()); n > 0; n--) {
      numbers.set(n, text.regionMatches(text.length() - n, secret, 0, n));
    }
    return numbers;
  }

  /** Returns all n for which the text begins with the secret without its first n characters. */
  private BitSet remaindersAtStart(String text) {
    BitSet numbers = new BitSet();
    for (int n = 1; n < secret.length(); n++) {
      numbers.set(n, text.startsWith(secret.substring(n)));
    }
    return numbers;
  }

  private void findInConsecutiveValues() {
    StringBuilder row = new StringBuilder();
    List<Integer> ends = new ArrayList<>();
    for (Field field : fields) {
      row.append(field.value().toLowerCase(Locale.ROOT));
      ends.add(row.length());
    }
    for (int at = row.indexOf(secret); at >= 0; at = row.indexOf(secret, at + 1)) {
      for (int i = 0; i < fields.size(); i++) {
        int start = i == 0 ? 0 : ends.get(i - 1);
        boolean whole = start <= at && at + secret.length() <= ends.get(i);
        if (!whole && start < at + secret.length() && ends.get(i) > at) {
          found.add(i);
        }
      }
    }
  }
}
