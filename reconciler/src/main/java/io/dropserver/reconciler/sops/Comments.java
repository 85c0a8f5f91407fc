package io.dropserver.reconciler.sops;

import io.dropserver.schema.instance.Location;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.comments.CommentType;
import org.yaml.snakeyaml.events.CommentEvent;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.parser.ParserImpl;
import org.yaml.snakeyaml.reader.StreamReader;

/**
 * Finds the comments of a file. Those before the first key are kept in clear text. Others cannot be
 * kept, because a comment beside a secret has to be encrypted as well.
 */
final class Comments {
  private Comments() {}

  /**
   * Returns the lines before the first key, each with its line break.
   *
   * @param bytes valid YAML
   * @throws SopsException when the file has other comments
   */
  static String header(String file, byte[] bytes) throws SopsException {
    String text = new String(bytes, StandardCharsets.UTF_8);
    LoaderOptions options = new LoaderOptions();
    options.setProcessComments(true);
    var events = new ParserImpl(new StreamReader(new StringReader(text)), options);
    StringBuilder header = new StringBuilder();
    boolean begun = false;
    while (!events.checkEvent(Event.ID.StreamEnd)) {
      Event event = events.getEvent();
      begun |= event.getEventId() == Event.ID.Scalar;
      if (!(event instanceof CommentEvent comment)
          || comment.getCommentType() == CommentType.BLANK_LINE) {
        continue;
      }
      if (begun) {
        throw new SopsException(
            new Location(
                file, event.getStartMark().getLine() + 1, event.getStartMark().getColumn() + 1),
            "a comment here cannot be kept: it may concern a secret, and is not encrypted",
            "move it to the top of the file, or edit the file with sops");
      }
      header.append('#').append(comment.getValue()).append('\n');
    }
    return header.toString();
  }
}
