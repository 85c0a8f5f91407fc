package io.dropserver.reconciler.update;

import io.dropserver.schema.instance.SemanticVersion;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads the JSON of npm registries and of listings. Versions that cannot be used are left out. */
final class PublishedJson {
  /** The maximum number of versions in one answer. */
  static final int MAX_VERSIONS = 20_000;

  /** The maximum size of a listing. Registries are read piece by piece, listings as a whole. */
  static final int MAX_LISTING_BYTES = 1 << 20;

  /** The maximum number of characters of a listing's changelog that are used. */
  static final int MAX_CHANGELOG = 8_000;

  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");
  private static final JsonMapper JSON = JsonMapper.shared();

  private PublishedJson() {}

  /**
   * Returns the releases of a package in the answer of a npm registry, except those that are marked
   * as deprecated.
   *
   * @throws IOException when the answer is not JSON, or has too many versions
   */
  static List<SemanticVersion> npmVersions(byte[] answer) throws IOException {
    List<SemanticVersion> versions = new ArrayList<>();
    try (JsonParser parser = JSON.createParser(answer)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new IOException("the registry's answer is not a JSON object");
      }
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        boolean found = parser.currentName().equals("versions");
        if (parser.nextToken() == JsonToken.START_OBJECT && found) {
          readVersions(parser, versions);
        } else {
          parser.skipChildren();
        }
      }
    } catch (JacksonException e) {
      throw new IOException("the registry's answer is not valid JSON", e);
    }
    return versions;
  }

  private static void readVersions(JsonParser parser, List<SemanticVersion> versions)
      throws IOException {
    int number = 0;
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      if (++number > MAX_VERSIONS) {
        throw new IOException("the registry lists more than " + MAX_VERSIONS + " versions");
      }
      Optional<SemanticVersion> version = SemanticVersion.parse(parser.currentName());
      boolean usable = parser.nextToken() == JsonToken.START_OBJECT && !isDeprecated(parser);
      version.filter(_ -> usable).ifPresent(versions::add);
    }
  }

  /** Reads the object of one version to its end. */
  private static boolean isDeprecated(JsonParser parser) {
    boolean deprecated = false;
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      boolean mark = parser.currentName().equals("deprecated");
      JsonToken value = parser.nextToken();
      if (mark) {
        boolean text = value == JsonToken.VALUE_STRING && !parser.getString().isEmpty();
        deprecated = text || value == JsonToken.VALUE_TRUE;
      }
      parser.skipChildren();
    }
    return deprecated;
  }

  /**
   * Returns the versions of a listing, in the format of docs/operate/updates.md.
   *
   * @throws IOException when it is not a listing
   */
  static List<Candidate> listing(byte[] answer) throws IOException {
    if (answer.length > MAX_LISTING_BYTES) {
      throw new IOException("the listing is larger than " + (MAX_LISTING_BYTES >> 20) + " MiB");
    }
    JsonNode versions;
    try {
      versions = JSON.readTree(answer).path("versions");
    } catch (JacksonException e) {
      throw new IOException("the listing is not valid JSON", e);
    }
    if (!versions.isArray()) {
      throw new IOException("the listing has no list `versions`");
    }
    List<Candidate> found = new ArrayList<>();
    for (JsonNode entry : versions) {
      candidate(entry).ifPresent(found::add);
    }
    return found;
  }

  private static Optional<Candidate> candidate(JsonNode entry) {
    Optional<SemanticVersion> version = SemanticVersion.parse(entry.path("version").asString(""));
    String url = entry.path("url").asString("");
    String sha256 = entry.path("sha256").asString("");
    if (version.isEmpty() || !isPackageUrl(url) || !SHA256.matcher(sha256).matches()) {
      return Optional.empty();
    }
    Map<String, String> texts = new HashMap<>();
    texts.put("source.package", url);
    texts.put("source.sha256", sha256);
    String signature = entry.path("signature").asString("");
    if (isPackageUrl(signature)) {
      texts.put("source.signature", signature);
    }
    String changelog = entry.path("changelog").asString("");
    return Optional.of(
        new Candidate(
            version.get(),
            texts,
            changelog.isBlank()
                ? Optional.empty()
                : Optional.of(
                    changelog.substring(0, Math.min(changelog.length(), MAX_CHANGELOG)))));
  }

  private static boolean isPackageUrl(String text) {
    try {
      URI url = new URI(text);
      return text.length() <= 2048 && "https".equals(url.getScheme()) && url.getHost() != null;
    } catch (URISyntaxException e) {
      return false;
    }
  }
}
