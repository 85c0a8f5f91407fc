package io.dropserver.web.frame;

import io.dropserver.base.text.Sha256;
import io.dropserver.web.headers.PolicyHeaders;
import io.dropserver.web.page.Assets;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;

/**
 * Keeps apps out of top-level tabs in browsers that send no {@code Sec-Fetch-Dest}, such as
 * browsers before 2023. For these, the server cannot know whether a document will be shown in the
 * frame. The guard inserts a script at the start of each HTML document. Outside a frame, the script
 * turns the rest of the document into text and navigates to the shell. If the script cannot be
 * inserted, the response gets a policy that forbids scripts. Immutable.
 */
public final class TopLevelGuard {
  private static final String FETCH_DEST = "Sec-Fetch-Dest";
  private static final String SCRIPT =
      new String(Assets.read(TopLevelGuard.class, "guard.js"), StandardCharsets.US_ASCII);
  private static final String SOURCE = "'sha256-" + hash(SCRIPT) + "'";
  private static final byte[] BOM = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

  private final String atShell;
  private final byte[] markup;
  private final PolicyHeaders policy;

  /**
   * @param atShell the URL of the appspace's page at the shell, without a path within the appspace
   * @param script the script for framed documents, whose markup is also inserted
   * @param policy the security headers of the appspace's pages
   */
  public TopLevelGuard(String atShell, FrameScript script, PolicyHeaders policy) {
    this.atShell = atShell;
    this.policy = policy;
    // Includes a doctype, because the document's own doctype has no effect after a script.
    String start = "<!doctype html><script data-shell=\"" + atShell + "\">";
    this.markup =
        (start + SCRIPT + "</script>" + script.markup()).getBytes(StandardCharsets.US_ASCII);
  }

  /**
   * Returns whether a browser without {@code Sec-Fetch-Dest} may show the response as a document.
   * For documents, browsers send an {@code Accept} header with {@code text/html}, which no page can
   * change.
   */
  public static boolean isNeeded(Request request) {
    HttpFields headers = request.getHeaders();
    return !headers.contains(FETCH_DEST)
        && headers.getValuesList(HttpHeader.ACCEPT).stream()
            .anyMatch(accept -> accept.contains("text/html"));
  }

  /**
   * Returns the value of {@code Vary}, so that caches distinguish guarded, framed and other
   * responses.
   */
  public static String vary(Request request) {
    return request.getHeaders().contains(FETCH_DEST) ? FETCH_DEST : FETCH_DEST + ", Accept";
  }

  /**
   * Changes the request headers so that the app's response is neither partial, compressed nor 304.
   * Otherwise the script could not be inserted.
   */
  public static void requestFullResponse(HttpFields.Mutable headers) {
    headers.put(HttpHeader.ACCEPT_ENCODING, "identity");
    headers.remove(HttpHeader.RANGE);
    headers.remove(HttpHeader.IF_RANGE);
    headers.remove(HttpHeader.IF_NONE_MATCH);
    headers.remove(HttpHeader.IF_MODIFIED_SINCE);
  }

  /**
   * Adjusts the policy of a response, and decides how its body is rewritten.
   *
   * @param headers the response headers including the policy, which are not committed yet
   * @param first the first piece of the body
   * @return the rewriting of the body; empty when the body is sent unchanged under a policy that
   *     forbids scripts
   */
  public Optional<FrameScript.Insertion> guard(
      int status, HttpFields.Mutable headers, ByteBuffer first) {
    if (!FrameScript.canInsert(status, headers, first)) {
      policy.forbidScripts(headers);
      return Optional.empty();
    }
    policy.allowScript(SOURCE, atShell, headers);
    FrameScript.adjustHeaders(headers, markup.length);
    return Optional.of(new Beginning(markup));
  }

  /** Inserts markup at the start of a document, after a UTF-8 byte order mark if there is one. */
  private static final class Beginning implements FrameScript.Insertion {
    private final byte[] markup;
    private byte[] buffered = {};
    private boolean started;

    Beginning(byte[] markup) {
      this.markup = markup;
    }

    @Override
    public ByteBuffer transform(ByteBuffer piece, boolean last) {
      if (started) {
        return piece;
      }
      ByteBuffer start = ByteBuffer.allocate(buffered.length + piece.remaining());
      start.put(buffered).put(piece).flip();
      boolean marked = beginsWithBom(start);
      if (marked && start.remaining() < BOM.length && !last) {
        buffered = start.array();
        return ByteBuffer.allocate(0);
      }
      started = true;
      int mark = marked && start.remaining() >= BOM.length ? BOM.length : 0;
      ByteBuffer sent = ByteBuffer.allocate(start.remaining() + markup.length);
      return sent.put(start.slice(0, mark))
          .put(markup)
          .put(start.slice(mark, start.remaining() - mark))
          .flip();
    }

    /** Returns whether the bytes begin with a byte order mark, or are a prefix of it. */
    private static boolean beginsWithBom(ByteBuffer start) {
      int length = Math.min(BOM.length, start.remaining());
      return start.slice(0, length).equals(ByteBuffer.wrap(BOM, 0, length));
    }
  }

  private static String hash(String script) {
    return Base64.getEncoder().encodeToString(Sha256.of(script));
  }
}
