package io.dropserver.web.page;

import io.dropserver.base.text.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.jspecify.annotations.Nullable;

/**
 * Serves the styles, scripts and images of the front door's pages, with the same paths on every
 * host. Each path contains the hash of the content, so that browsers can cache it forever.
 * Thread-safe.
 */
public final class Assets {
  /** Paths below {@code /.dropserver/} are never passed to an app. */
  private static final String PREFIX = "/.dropserver/assets/";

  private static final List<String> NAMES =
      List.of(
          "appspace.js",
          "clearing.js",
          "dashboard.js",
          "dropserver.css",
          "enter.js",
          "entering.js",
          "fragment.js",
          "icon.svg",
          "leaving.js",
          "login.js",
          "moved.js",
          "other-tabs.js",
          "passkey.js",
          "push.js",
          "question.js",
          "reload.js",
          "waiting.js");
  private static final Map<String, Asset> BY_NAME =
      NAMES.stream().collect(Collectors.toUnmodifiableMap(name -> name, Asset::load));
  private static final Map<String, Asset> BY_PATH =
      BY_NAME.values().stream().collect(Collectors.toUnmodifiableMap(Asset::path, asset -> asset));

  private Assets() {}

  /** Returns the path of an asset, which is valid on every host. */
  public static String path(String name) {
    Asset asset = BY_NAME.get(name);
    if (asset == null) {
      throw new IllegalArgumentException("there is no asset " + name + "; add it to Assets.NAMES");
    }
    return asset.path();
  }

  /**
   * Serves an asset.
   *
   * @return false when the request is for something else
   */
  public static boolean handle(Exchange exchange) {
    @Nullable Asset asset = BY_PATH.get(exchange.request().getHttpURI().getPath());
    if (asset == null) {
      return false;
    }
    HttpFields.Mutable headers = exchange.response().getHeaders();
    headers.put(HttpHeader.CACHE_CONTROL, "public, max-age=31536000, immutable");
    exchange.policy().applyTo(headers);
    exchange.write(asset.content(), asset.type());
    return true;
  }

  /**
   * Reads a file that the build puts beside a class.
   *
   * @throws IllegalStateException when the build does not contain the file
   */
  public static byte[] read(Class<?> beside, String name) {
    try (InputStream stream = beside.getResourceAsStream(name)) {
      if (stream == null) {
        throw new IllegalStateException("this build does not contain the asset " + name);
      }
      return stream.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private record Asset(String path, String type, ByteBuffer content) {

    static Asset load(String name) {
      byte[] content = read(Assets.class, name);
      return new Asset(PREFIX + hash(content) + "/" + name, type(name), ByteBuffer.wrap(content));
    }

    private static String hash(byte[] content) {
      return HexFormat.of().formatHex(Sha256.newDigest().digest(content), 0, 8);
    }

    private static String type(String name) {
      return switch (name.substring(name.lastIndexOf('.') + 1)) {
        case "css" -> "text/css; charset=utf-8";
        case "js" -> "text/javascript; charset=utf-8";
        case "svg" -> "image/svg+xml";
        default -> throw new IllegalStateException("no media type is known for " + name);
      };
    }
  }
}
