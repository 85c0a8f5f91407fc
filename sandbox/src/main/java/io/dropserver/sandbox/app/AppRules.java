package io.dropserver.sandbox.app;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The rules for apps, which are {@code docs/apps/apps-in-one-page.md}. Thread-safe. */
public final class AppRules {
  private static final String TEXT = read();

  private AppRules() {}

  /** Returns the page in Markdown. */
  public static String text() {
    return TEXT;
  }

  private static String read() {
    try (var in = AppRules.class.getResourceAsStream("apps-in-one-page.md")) {
      if (in == null) {
        throw new IllegalStateException("apps-in-one-page.md is not on the class path");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
