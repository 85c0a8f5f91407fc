package io.dropserver.web.frame;

import io.dropserver.web.headers.Origin;
import io.dropserver.web.page.Assets;
import io.dropserver.web.page.Exchange;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/**
 * The script {@code frame.js}, through which a framed document communicates with the shell. Every
 * host serves it, and the server inserts it into each HTML document that a browser loads into a
 * frame. A document that is compressed, or whose encoding is not ASCII-compatible, is left
 * unchanged; the shell then cannot show its URL and title. Immutable.
 */
public final class FrameScript {
  public static final String PATH = "/.dropserver/frame.js";

  private static final ByteBuffer SCRIPT =
      ByteBuffer.wrap(Assets.read(FrameScript.class, "frame.js"));

  /** Labels of encodings in which ASCII bytes have another meaning. */
  private static final Set<String> NON_ASCII_CHARSETS =
      Set.of(
          "utf-16",
          "utf-16le",
          "utf-16be",
          "unicode",
          "iso-2022-jp",
          "csiso2022jp",
          "iso-10646-ucs-2",
          "ucs-2",
          "csunicode",
          "unicodefeff",
          "unicodefffe",
          "utf-7",
          "utf-32",
          "replacement");

  private static final Set<Integer> BODILESS_OR_PARTIAL = Set.of(204, 205, 206, 304);

  private final String markup;

  /**
   * @param shell the only origin with which the script communicates
   */
  public FrameScript(Origin shell) {
    markup = "<script src=\"%s\" data-shell=\"%s\"></script>".formatted(PATH, shell);
  }

  /** Returns whether a browser requests a document for a frame. */
  public static boolean isFramedDocument(Request request) {
    return !request.getMethod().equals("HEAD")
        && "iframe".equals(request.getHeaders().get("Sec-Fetch-Dest"));
  }

  /**
   * Serves the script, which is the same on every host.
   *
   * @return false when the request is for something else
   */
  public static boolean handle(Exchange exchange) {
    if (!exchange.request().getHttpURI().getPath().equals(PATH)) {
      return false;
    }
    HttpFields.Mutable headers = exchange.response().getHeaders();
    exchange.policy().applyTo(headers);
    headers.put(HttpHeader.CACHE_CONTROL, "public, max-age=600");
    exchange.write(SCRIPT, "text/javascript; charset=utf-8");
    return true;
  }

  /**
   * Decides whether the script can be inserted into a response to a framed request, and adjusts the
   * response headers if so.
   *
   * @param headers the response headers, which are not committed yet
   * @param first the first piece of the body
   */
  public Optional<Insertion> insertionFor(
      int status, HttpFields.Mutable headers, ByteBuffer first) {
    if (!canInsert(status, headers, first)) {
      return Optional.empty();
    }
    byte[] inserted = markup.getBytes(StandardCharsets.US_ASCII);
    adjustHeaders(headers, inserted.length);
    HtmlInsertion insertion = new HtmlInsertion(inserted);
    return Optional.of(insertion::transform);
  }

  /** Returns the markup that is inserted. */
  String markup() {
    return markup;
  }

  /** Returns whether markup can be inserted into a response of an app. */
  static boolean canInsert(int status, HttpFields headers, ByteBuffer first) {
    return !BODILESS_OR_PARTIAL.contains(status)
        && isInsertableHtml(headers)
        && !hasUtf16Bom(first);
  }

  /** Increases {@code Content-Length}, and removes headers that the insertion makes invalid. */
  static void adjustHeaders(HttpFields.Mutable headers, int bytes) {
    long length = headers.getLongField(HttpHeader.CONTENT_LENGTH);
    if (length >= 0) {
      headers.put(HttpHeader.CONTENT_LENGTH, length + bytes);
    }
    headers.remove(HttpHeader.ACCEPT_RANGES);
    for (String digest : new String[] {"Content-MD5", "Digest", "Content-Digest", "Repr-Digest"}) {
      headers.remove(digest);
    }
  }

  /** Rewrites a body while it is streamed. Not thread-safe. */
  public interface Insertion {

    /** Returns the bytes that replace a piece of the body. */
    ByteBuffer transform(ByteBuffer piece, boolean last);
  }

  private static boolean isInsertableHtml(HttpFields headers) {
    @Nullable String type = headers.get(HttpHeader.CONTENT_TYPE);
    if (type == null) {
      return false;
    }
    String lower = type.toLowerCase(Locale.ROOT);
    String essence = lower.split(";", 2)[0].strip();
    return essence.equals("text/html") && isUncompressed(headers) && isAsciiCompatible(lower);
  }

  private static boolean isUncompressed(HttpFields headers) {
    return headers.getValuesList(HttpHeader.CONTENT_ENCODING).stream()
        .allMatch(encoding -> encoding.isBlank() || encoding.strip().equalsIgnoreCase("identity"));
  }

  private static boolean isAsciiCompatible(String type) {
    int charset = type.indexOf("charset");
    return charset < 0 || NON_ASCII_CHARSETS.stream().noneMatch(type.substring(charset)::contains);
  }

  /**
   * Returns whether the body begins with a UTF-16 byte order mark, which takes precedence over
   * headers.
   */
  private static boolean hasUtf16Bom(ByteBuffer first) {
    return first.hasRemaining()
        && (first.get(first.position()) == (byte) 0xFE
            || first.get(first.position()) == (byte) 0xFF);
  }
}
