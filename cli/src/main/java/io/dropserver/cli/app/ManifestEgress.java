package io.dropserver.cli.app;

import io.dropserver.schema.read.ManifestReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Adds destinations to {@code egress} of a manifest, and keeps the rest of its text. */
public final class ManifestEgress {
  private static final JsonMapper JSON = JsonMapper.shared();

  private ManifestEgress() {}

  /** Adds an entry to the file, and what was inferred. Makes the file if the folder has none. */
  public static void add(AppFolder app, String url, List<String> methods) throws IOException {
    Path file = app.folder().resolve(ManifestReader.FILE_NAME);
    String edited = with(app.text(), url, methods);
    Path temporary = app.folder().resolve(".dropapp.json.new");
    // The folder may be a stranger's, and contain a link of this name.
    Files.deleteIfExists(temporary);
    Files.writeString(temporary, edited, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    if (Files.exists(file)) {
      Files.setPosixFilePermissions(temporary, Files.getPosixFilePermissions(file));
    }
    Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
  }

  /**
   * @param manifest a JSON object with at least one field
   */
  static String with(String manifest, String url, List<String> methods) {
    ObjectNode entry = JSON.createObjectNode().put("url", url);
    methods.forEach(entry.putArray("methods")::add);
    String text = JSON.writeValueAsString(entry);
    try (JsonParser parser = JSON.createParser(manifest)) {
      parser.nextToken();
      for (JsonToken token = parser.nextToken();
          token != JsonToken.END_OBJECT;
          token = parser.nextToken()) {
        boolean egress = "egress".equals(parser.currentName());
        JsonToken value = parser.nextToken();
        if (egress && value == JsonToken.START_ARRAY) {
          return inArray(manifest, parser, text);
        }
        parser.skipChildren();
      }
      return inserted(manifest, offset(parser), ",\n  \"egress\": [\n    " + text + "\n  ]", "\n");
    }
  }

  private static String inArray(String manifest, JsonParser parser, String entry) {
    boolean empty = true;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      empty = false;
      parser.skipChildren();
    }
    return inserted(manifest, offset(parser), (empty ? "" : ",") + "\n    " + entry, "\n  ");
  }

  private static int offset(JsonParser parser) {
    return Math.toIntExact(parser.currentTokenLocation().getCharOffset());
  }

  /** Inserts text before the white space that precedes an offset, and replaces that space. */
  private static String inserted(String manifest, int offset, String text, String space) {
    return manifest.substring(0, offset).stripTrailing()
        + text
        + space
        + manifest.substring(offset);
  }
}
