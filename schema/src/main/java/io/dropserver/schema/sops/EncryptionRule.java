package io.dropserver.schema.sops;

import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Decides which values of a SOPS file are encrypted. The rule is tried on every key of the path, so
 * that it applies to everything below a matching key.
 *
 * @param text suffix or regular expression
 */
public record EncryptionRule(Form form, String text) {
  /** The rule of a file that states none. */
  public static final EncryptionRule DEFAULT =
      new EncryptionRule(Form.UNENCRYPTED_SUFFIX, "_unencrypted");

  /**
   * Regular expressions that are understood: words with {@code |} between them, optionally in
   * parentheses and anchored. They mean the same in every dialect, and matching is fast.
   */
  private static final Pattern SIMPLE =
      Pattern.compile("\\^?(\\([A-Za-z0-9_|-]+\\)|[A-Za-z0-9_-]+)\\$?");

  /** The names of the rules in the metadata, in lower case. */
  public enum Form {
    UNENCRYPTED_SUFFIX,
    ENCRYPTED_SUFFIX,
    UNENCRYPTED_REGEX,
    ENCRYPTED_REGEX
  }

  /** Returns the rule; empty if its regular expression is not understood. */
  public static Optional<EncryptionRule> of(Form form, String text) {
    boolean suffix = form == Form.UNENCRYPTED_SUFFIX || form == Form.ENCRYPTED_SUFFIX;
    return suffix || (text.length() <= 100 && SIMPLE.matcher(text).matches())
        ? Optional.of(new EncryptionRule(form, text))
        : Optional.empty();
  }

  /** Returns whether the value at this path is encrypted, if it is not empty. */
  public boolean encrypts(List<String> path) {
    return switch (form) {
      case UNENCRYPTED_SUFFIX -> !any(path, key -> key.endsWith(text));
      case ENCRYPTED_SUFFIX -> any(path, key -> key.endsWith(text));
      case UNENCRYPTED_REGEX -> !any(path, Pattern.compile(text).asPredicate());
      case ENCRYPTED_REGEX -> any(path, Pattern.compile(text).asPredicate());
    };
  }

  private static boolean any(List<String> path, Predicate<String> matches) {
    return path.stream().anyMatch(matches);
  }
}
