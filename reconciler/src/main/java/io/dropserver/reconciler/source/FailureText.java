package io.dropserver.reconciler.source;

import io.dropserver.base.text.UnsafeCharacters;
import java.nio.channels.UnresolvedAddressException;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Makes the message of an exception of JGit or of Apache MINA, its ssh client, fit for an operator:
 * on one line, without names of classes.
 */
final class FailureText {
  /** The object of MINA that failed, such as {@code DefaultConnectFuture[git@/10.0.0.1:22]: }. */
  private static final Pattern OBJECT = Pattern.compile("[A-Za-z_$.]*\\[[^\\]]*]:\\s*");

  private static final Pattern WRAPPED =
      Pattern.compile("Failed \\(([A-Za-z]+)\\) to execute:\\s*");

  /** A qualified class name, such as {@code java.net.ConnectException: }. */
  private static final Pattern CLASS_NAME =
      Pattern.compile("\\b(?:[a-z][a-z0-9_]*\\.){2,}[A-Z][A-Za-z0-9_$]*(?:@[0-9a-f]+)?:?\\s*");

  private FailureText() {}

  /** Returns the message; the kind of the failure in words if there is no message. */
  static String of(Throwable failure) {
    String type = failure.getClass().getSimpleName();
    String message = String.valueOf(failure.getMessage());
    var wrapped = WRAPPED.matcher(message);
    if (wrapped.find()) {
      type = wrapped.group(1);
    }
    String text = OBJECT.matcher(message).replaceAll("");
    text = WRAPPED.matcher(text).replaceAll("");
    text = CLASS_NAME.matcher(text).replaceAll("");
    text = UnsafeCharacters.LINE.toSpaces(text).strip();
    boolean empty = text.isEmpty() || text.equals("null") || text.endsWith(": null");
    return empty ? text.replaceFirst("null$", "") + words(type) : text;
  }

  private static String words(String type) {
    if (type.equals(UnresolvedAddressException.class.getSimpleName())) {
      return "the host name has no address";
    }
    String name = type.replaceFirst("(Exception|Error)$", "");
    return name.isEmpty()
        ? "an unknown failure"
        : name.replaceAll("(?<=[a-z])(?=[A-Z])", " ").toLowerCase(Locale.ROOT);
  }
}
