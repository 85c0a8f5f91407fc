package io.dropserver.web.home;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Draws the icon of an appspace whose app has none, and the avatar of a person: the first letter of
 * the name, on a colour that depends on the name. Thread-safe.
 */
public final class Monogram {
  /** Background colours, each with a contrast ratio of at least 4.5 to white. */
  private static final List<String> COLOURS =
      List.of(
          "#1f5bbd", "#7a3fb5", "#b02a63", "#a8481f", "#7a5c00", "#2f6f4f", "#0f6e7d", "#4d5a6a");

  private Monogram() {}

  /** Returns an SVG document. */
  public static byte[] of(String name) {
    char letter = name.isEmpty() ? '?' : Character.toUpperCase(name.charAt(0));
    String colour = COLOURS.get(Math.floorMod(name.hashCode(), COLOURS.size()));
    String svg =
        """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">\
        <rect width="64" height="64" rx="14" fill="%s"/>\
        <text x="32" y="43" text-anchor="middle" font-family="system-ui, sans-serif" \
        font-size="32" font-weight="600" fill="#fff">%s</text></svg>\
        """
            .formatted(colour, Character.isLetterOrDigit(letter) ? letter : '?');
    return svg.getBytes(StandardCharsets.UTF_8);
  }
}
