package io.dropserver.reconciler.source;

import io.dropserver.base.text.ShortText;
import io.dropserver.base.text.UnsafeCharacters;
import java.util.stream.Collectors;
import org.eclipse.jgit.transport.PushResult;
import org.eclipse.jgit.transport.RemoteRefUpdate;

/** Describes why a remote declines a push, with the output of its hooks. */
final class PushRefusal {
  /** Bounds the output in code points, because the remote may send any amount of text. */
  static final int MAX_OUTPUT = 400;

  private PushRefusal() {}

  /** Returns one line without control characters. */
  static String of(RemoteRefUpdate update, PushResult result) {
    String reason =
        ShortText.of(
            UnsafeCharacters.LINE.toSpaces(String.valueOf(update.getMessage())), MAX_OUTPUT);
    String output = output(String.valueOf(result.getMessages()));
    return output.isEmpty() ? reason : reason + "; its hook says: \u201c" + output + "\u201d";
  }

  private static String output(String messages) {
    String lines =
        messages
            .lines()
            .map(line -> UnsafeCharacters.LINE.toSpaces(line).strip())
            .filter(line -> !line.isEmpty())
            .limit(MAX_OUTPUT)
            .collect(Collectors.joining(" / "));
    return ShortText.of(lines, MAX_OUTPUT);
  }
}
