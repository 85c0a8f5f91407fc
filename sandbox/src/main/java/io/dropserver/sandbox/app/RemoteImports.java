package io.dropserver.sandbox.app;

import io.dropserver.base.text.JsonText;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** Finds all imports of a URL in the module graph that {@code deno info --json} prints. */
final class RemoteImports {
  /** The maximum size of a graph. A larger one is not listed. */
  static final int GRAPH_BYTES = 1 << 20;

  private static final int SHOWN = 50;
  private static final String APP = "file:///app/";

  private RemoteImports() {}

  /**
   * Returns one line for each import, with its place in Deno's form. At most {@value #SHOWN}
   * imports are named, the others are counted. Empty if there is none, or the graph cannot be read.
   *
   * @param graph written by a sandbox
   */
  static Optional<String> list(String graph) {
    List<String> all = new ArrayList<>();
    try {
      for (JsonNode module : JsonText.MAPPER.readTree(graph).path("modules")) {
        String file = module.path("specifier").asString("");
        for (JsonNode dependency : module.path("dependencies")) {
          JsonNode code = dependency.path("code");
          String url = code.path("specifier").asString("");
          if (file.startsWith(APP) && url.matches("(?s)https?:.*")) {
            JsonNode start = code.path("span").path("start");
            int line = start.path("line").asInt(0) + 1;
            int column = start.path("character").asInt(0) + 1;
            all.add(Printable.of(url) + " at " + Printable.of(file) + ":" + line + ":" + column);
          }
        }
      }
    } catch (JacksonException notReadable) {
      return Optional.empty();
    }
    String lines = all.stream().limit(SHOWN).collect(Collectors.joining("\n"));
    int more = all.size() - SHOWN;
    return Optional.of(more > 0 ? lines + "\nand " + more + " more" : lines)
        .filter(text -> !text.isEmpty());
  }
}
