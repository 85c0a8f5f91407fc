package io.dropserver.schema.document;

import io.dropserver.schema.instance.Location;
import io.dropserver.schema.instance.Problem;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.parser.ParserImpl;
import org.yaml.snakeyaml.reader.ReaderException;
import org.yaml.snakeyaml.reader.StreamReader;

/**
 * Parses a file of YAML documents into nodes. JSON is accepted as a subset of YAML.
 *
 * <p>The parser consumes SnakeYAML's events and never uses its constructors: tags create no Java
 * objects, aliases are not expanded, and the nesting depth is checked before recursion can exhaust
 * the stack. Stateless.
 */
public final class DocumentParser {
  /** Maximum size of a file, in bytes. */
  public static final int MAX_FILE_BYTES = 1 << 20;

  private DocumentParser() {}

  /**
   * The content of a file.
   *
   * @param documents the documents before the first syntax error, without empty ones
   * @param complete whether the whole file was parsed; if not, a name that is missing here may
   *     still be declared in the rest of the file
   */
  public record ParsedFile(List<Node> documents, List<Problem> problems, boolean complete) {
    static ParsedFile refused(Problem problem) {
      return new ParsedFile(List.of(), List.of(problem), false);
    }
  }

  public static ParsedFile parse(String file, byte[] bytes) {
    if (bytes.length > MAX_FILE_BYTES) {
      return ParsedFile.refused(tooLarge(file, bytes.length));
    }
    return switch (Utf8.decode(file, bytes)) {
      case Utf8.InvalidText invalidText -> ParsedFile.refused(invalidText.problem());
      case Utf8.DecodedText decodedText -> parse(file, decodedText.text());
    };
  }

  public static Problem tooLarge(String file, long sizeBytes) {
    return Problem.at(
        Location.ofFile(file),
        "the file has %,d bytes; the limit is 1 MiB".formatted(sizeBytes),
        "split it, or add it to .dropserverignore");
  }

  private static ParsedFile parse(String file, String text) {
    Optional<Problem> conflict = ConflictMarkers.find(file, text);
    if (conflict.isPresent()) {
      return ParsedFile.refused(conflict.get());
    }
    List<Node> documents = new ArrayList<>();
    List<Problem> problems = new ArrayList<>();
    Optional<Problem> fatal = read(file, text, documents, problems);
    fatal.ifPresent(problems::add);
    return new ParsedFile(List.copyOf(documents), List.copyOf(problems), fatal.isEmpty());
  }

  private static Optional<Problem> read(
      String file, String text, List<Node> documents, List<Problem> problems) {
    try {
      LoaderOptions options = new LoaderOptions();
      options.setCodePointLimit(MAX_FILE_BYTES + 1);
      var events = new ParserImpl(new StreamReader(new StringReader(text)), options);
      NodeBuilder builder = new NodeBuilder(file, events, problems);
      while (!events.checkEvent(Event.ID.StreamEnd)) {
        builder.nextDocument().ifPresent(documents::add);
      }
      return Optional.empty();
    } catch (NodeBuilder.TooDeepException e) {
      return Optional.of(e.problem());
    } catch (MarkedYAMLException e) {
      return Optional.of(syntax(file, e));
    } catch (ReaderException e) {
      int index = text.offsetByCodePoints(0, Math.clamp(e.getPosition(), 0, codePoints(text)));
      return Optional.of(
          Problem.at(
              Positions.of(file, text, index),
              "the character U+%04X is not allowed in YAML".formatted(e.getCodePoint()),
              "remove it, or write it as an escape inside double quotes"));
    } catch (YAMLException e) {
      return Optional.of(Problem.at(Location.ofFile(file), "not YAML: " + firstLine(e)));
    }
  }

  private static int codePoints(String text) {
    return text.codePointCount(0, text.length());
  }

  private static Problem syntax(String file, MarkedYAMLException e) {
    var mark = e.getProblemMark() != null ? e.getProblemMark() : e.getContextMark();
    Location location =
        mark == null
            ? Location.ofFile(file)
            : new Location(file, mark.getLine() + 1, mark.getColumn() + 1);
    String problem = e.getProblem() == null ? firstLine(e) : e.getProblem();
    String message = "not YAML: " + SyntaxHints.plain(problem);
    return new Problem(location, message, SyntaxHints.hint(problem, e.getContext()));
  }

  private static String firstLine(Exception e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("unreadable");
  }
}
