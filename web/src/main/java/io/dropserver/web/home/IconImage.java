package io.dropserver.web.home;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A validated icon of an app: a small PNG, or an SVG of simple shapes. In an {@code <img>},
 * browsers draw an SVG without scripts and without loading resources. But an SVG that references
 * itself repeatedly could still occupy a browser for minutes.
 *
 * @param type the media type
 */
record IconImage(String type, ByteBuffer content) {
  static final int MAX_BYTES = 64 << 10;

  /** The maximum width and height of a PNG, in pixels. */
  private static final int MAX_SIDE = 1024;

  private static final byte[] PNG = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  private static final int PNG_WIDTH_AT = 16;
  private static final int PNG_HEIGHT_AT = 20;

  /**
   * The accepted elements. {@code use}, patterns, filters, masks and clips are excluded, because
   * they can multiply the rendering work.
   */
  private static final Set<String> SHAPES =
      Set.of(
          "svg",
          "g",
          "path",
          "rect",
          "circle",
          "ellipse",
          "line",
          "polyline",
          "polygon",
          "defs",
          "linearGradient",
          "radialGradient",
          "stop",
          "title",
          "desc",
          "text",
          "tspan");

  private static final Pattern DECLARATION = Pattern.compile("\\A\\uFEFF?(?:<\\?xml [^<>]*\\?>)?");
  private static final Pattern MARKUP =
      Pattern.compile("<(?:!--(?s:.*?)-->|/?([A-Za-z][A-Za-z0-9:._-]*)|)");

  /**
   * Reads an icon.
   *
   * @return empty when the file is not an acceptable icon
   * @throws IOException when the file cannot be read
   */
  static Optional<IconImage> read(Path file) throws IOException {
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      return Optional.empty();
    }
    try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
      return of(in.readNBytes(MAX_BYTES + 1));
    }
  }

  static Optional<IconImage> of(byte[] content) {
    if (content.length > MAX_BYTES) {
      return Optional.empty();
    }
    if (isPng(content)) {
      return Optional.of(new IconImage("image/png", ByteBuffer.wrap(content)));
    }
    return isSvg(content)
        ? Optional.of(new IconImage("image/svg+xml", ByteBuffer.wrap(content)))
        : Optional.empty();
  }

  private static boolean isPng(byte[] content) {
    return content.length > PNG_HEIGHT_AT + Integer.BYTES
        && Arrays.equals(content, 0, PNG.length, PNG, 0, PNG.length)
        && isSide(ByteBuffer.wrap(content).getInt(PNG_WIDTH_AT))
        && isSide(ByteBuffer.wrap(content).getInt(PNG_HEIGHT_AT));
  }

  private static boolean isSide(int pixels) {
    return pixels > 0 && pixels <= MAX_SIDE;
  }

  private static boolean isSvg(byte[] content) {
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content)).toString();
    } catch (CharacterCodingException e) {
      return false;
    }
    String body = DECLARATION.matcher(text).replaceFirst("");
    boolean first = true;
    Matcher markup = MARKUP.matcher(body);
    while (markup.find()) {
      String element = markup.group(1);
      if (element == null && markup.group().startsWith("<!--")) {
        continue;
      }
      if (element == null || !SHAPES.contains(element) || (first && !element.equals("svg"))) {
        return false;
      }
      first = false;
    }
    return !first;
  }
}
