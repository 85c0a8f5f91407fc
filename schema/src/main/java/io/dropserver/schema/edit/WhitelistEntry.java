package io.dropserver.schema.edit;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * An entry to write into a whitelist.
 *
 * @param url scheme, host, port and path prefix
 * @param methods in upper case; if empty, the key is omitted
 * @param reason may come from an app: cut at {@value #LONGEST_REASON} characters and always written
 *     as a quoted scalar
 * @param oneLine whether the entry is written on one line regardless of the style of the file
 */
public record WhitelistEntry(
    String url, SortedSet<String> methods, Optional<String> reason, boolean oneLine) {
  /** In code points. */
  public static final int LONGEST_REASON = 200;

  public WhitelistEntry {
    url = cut(url, LONGEST_URL);
    methods = Collections.unmodifiableSortedSet(new TreeSet<>(methods));
    reason = reason.map(text -> cut(text, LONGEST_REASON));
  }

  /** An entry in the style of the file. */
  public WhitelistEntry(String url, SortedSet<String> methods, Optional<String> reason) {
    this(url, methods, reason, false);
  }

  /** Returns the same entry on one line, so that deleting the line deletes the entry. */
  public WhitelistEntry onOneLine() {
    return new WhitelistEntry(url, methods, reason, true);
  }

  private static final int LONGEST_URL = 2048;

  /** The three lists of a whitelist. */
  public enum ListName {
    ALLOW("allow"),
    DENY("deny"),
    PENDING("pending");

    private final String key;

    ListName(String key) {
      this.key = key;
    }

    /** Returns the key in YAML. */
    public String key() {
      return key;
    }
  }

  /** An unpaired surrogate cannot be encoded in UTF-8 and is replaced by U+FFFD. */
  private static String cut(String text, int length) {
    StringBuilder kept = new StringBuilder();
    text.codePoints()
        .limit(length)
        .map(c -> Character.getType(c) == Character.SURROGATE ? 0xFFFD : c)
        .forEach(kept::appendCodePoint);
    return kept.toString();
  }

  Fragment.Fields fragment() {
    List<Fragment.Field> fields = new ArrayList<>();
    fields.add(new Fragment.Field("url", new Fragment.Text(url)));
    if (!methods.isEmpty()) {
      fields.add(new Fragment.Field("methods", new Fragment.Words(List.copyOf(methods))));
    }
    reason.ifPresent(text -> fields.add(new Fragment.Field("reason", new Fragment.Text(text))));
    return new Fragment.Fields(List.copyOf(fields), oneLine);
  }
}
