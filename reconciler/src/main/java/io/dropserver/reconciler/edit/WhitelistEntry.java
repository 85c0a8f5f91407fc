package io.dropserver.reconciler.edit;

import io.dropserver.schema.document.YamlEnums;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * An entry to write into a whitelist.
 *
 * @param url scheme, host, port and path prefix; or {@code browser:} and the name of a browser
 *     feature, which is written as {@code browser: NAME}
 * @param methods in upper case; if empty, the key is omitted
 * @param reason may come from an app: cut at {@value #MAX_REASON_LENGTH} characters and always
 *     written as a quoted scalar
 * @param oneLine whether the entry is written on one line regardless of the style of the file
 * @param expires when the entry ends, as {@code EndOfGrant} formats it; empty if it does not
 */
public record WhitelistEntry(
    String url,
    SortedSet<String> methods,
    Optional<String> reason,
    boolean oneLine,
    Optional<String> expires) {
  private static final String BROWSER = "browser:";

  /** The maximum length of a reason in code points. */
  public static final int MAX_REASON_LENGTH = 200;

  public WhitelistEntry {
    url = cut(url, MAX_URL_LENGTH);
    methods = Collections.unmodifiableSortedSet(new TreeSet<>(methods));
    reason = reason.map(text -> cut(text, MAX_REASON_LENGTH));
  }

  /** Creates an entry without an end that is written in the style of the file. */
  public WhitelistEntry(String url, SortedSet<String> methods, Optional<String> reason) {
    this(url, methods, reason, false, Optional.empty());
  }

  /** Returns the same entry with another end. */
  public WhitelistEntry until(Optional<String> end) {
    return new WhitelistEntry(url, methods, reason, oneLine, end);
  }

  /** Returns the same entry with other methods. */
  public WhitelistEntry withMethods(SortedSet<String> others) {
    return new WhitelistEntry(url, others, reason, oneLine, expires);
  }

  /** Creates an entry for a browser feature, in the style of the file. */
  public static WhitelistEntry ofBrowser(String feature, Optional<String> reason) {
    return new WhitelistEntry(BROWSER + feature, Collections.emptySortedSet(), reason);
  }

  /** Returns the browser feature that the entry names; empty for an entry with a URL. */
  public Optional<String> browserFeature() {
    return featureOf(url);
  }

  /** Returns the browser feature that the URL of an entry names; empty for another URL. */
  public static Optional<String> featureOf(String url) {
    return url.startsWith(BROWSER)
        ? Optional.of(url.substring(BROWSER.length()))
        : Optional.empty();
  }

  /** Returns the same entry on one line, so that deleting the line deletes the entry. */
  public WhitelistEntry onOneLine() {
    return new WhitelistEntry(url, methods, reason, true, expires);
  }

  private static final int MAX_URL_LENGTH = 2048;

  /** The three lists of a whitelist. */
  public enum ListName {
    ALLOW,
    DENY,
    PENDING;

    /** Returns the key in YAML. */
    public String key() {
      return YamlEnums.word(this);
    }
  }

  /**
   * Truncates the text to a number of code points, and replaces unpaired surrogates, which UTF-8
   * cannot encode, by U+FFFD.
   */
  private static String cut(String text, int length) {
    StringBuilder kept = new StringBuilder();
    text.codePoints()
        .limit(length)
        .map(c -> Character.getType(c) == Character.SURROGATE ? 0xFFFD : c)
        .forEach(kept::appendCodePoint);
    return kept.toString();
  }

  Fragment.FieldGroup fragment() {
    List<Fragment.FragmentField> fields = new ArrayList<>();
    fields.add(
        browserFeature()
            .map(feature -> Fragment.FragmentField.text("browser", feature))
            .orElseGet(() -> Fragment.FragmentField.text("url", url)));
    if (!methods.isEmpty()) {
      fields.add(new Fragment.FragmentField("methods", Fragment.InlineList.of(methods)));
    }
    expires.ifPresent(text -> fields.add(Fragment.FragmentField.text("expires", text)));
    reason.ifPresent(text -> fields.add(Fragment.FragmentField.text("reason", text)));
    return new Fragment.FieldGroup(List.copyOf(fields), oneLine);
  }
}
