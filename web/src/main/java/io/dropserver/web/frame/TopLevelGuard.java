package io.dropserver.web.frame;

import io.dropserver.web.headers.PolicyHeaders;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Optional;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;

/**
 * For browsers that do not say whether what they ask for will stand in the frame: those before 2023
 * send no {@code Sec-Fetch-Dest}. A script of ours stands before everything else in each HTML
 * document. Where that is in no frame, the script turns the rest of the document into text and
 * leads to the shell. Whatever the script cannot stand in runs no script at all. Immutable.
 */
public final class TopLevelGuard {
  private static final String FETCH_DEST = "Sec-Fetch-Dest";
  private static final String SCRIPT = load();
  private static final String SOURCE = "'sha256-" + hash(SCRIPT) + "'";
  private static final byte[] MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

  private final String atShell;
  private final byte[] markup;
  private final PolicyHeaders policy;

  /**
   * @param atShell the shell's address of the appspace, without its path there
   * @param script which a document in a frame holds too
   * @param policy of the appspace's pages
   */
  public TopLevelGuard(String atShell, FrameScript script, PolicyHeaders policy) {
    this.atShell = atShell;
    this.policy = policy;
    // The doctype, because the document's own comes too late behind a script.
    String start = "<!doctype html><script data-shell=\"" + atShell + "\">";
    this.markup =
        (start + SCRIPT + "</script>" + script.markup()).getBytes(StandardCharsets.US_ASCII);
  }

  /**
   * Whether a browser may be about to show the answer. To what it shows it sends an {@code Accept}
   * that names HTML; no page can change that.
   */
  public static boolean needed(Request request) {
    HttpFields headers = request.getHeaders();
    return !headers.contains(FETCH_DEST)
        && headers.getValuesList(HttpHeader.ACCEPT).stream()
            .anyMatch(accept -> accept.contains("text/html"));
  }

  /** Upon which headers of a request an answer depends, so that no cache takes one for another. */
  public static String vary(Request request) {
    return request.getHeaders().contains(FETCH_DEST) ? FETCH_DEST : FETCH_DEST + ", Accept";
  }

  /** Asks an app for what a script can stand in: no part, nothing compressed, no "unchanged". */
  public static void askForTheWhole(HttpFields.Mutable headers) {
    headers.put(HttpHeader.ACCEPT_ENCODING, "identity");
    headers.remove(HttpHeader.RANGE);
    headers.remove(HttpHeader.IF_RANGE);
    headers.remove(HttpHeader.IF_NONE_MATCH);
    headers.remove(HttpHeader.IF_MODIFIED_SINCE);
  }

  /**
   * Guards a response.
   *
   * @param headers for the browser, not sent yet, with the policy
   * @param first the body's first piece
   * @return what is to be done with the body; empty where it passes as it is, and runs no script
   */
  public Optional<FrameScript.Insertion> into(
      int status, HttpFields.Mutable headers, ByteBuffer first) {
    if (!FrameScript.fits(status, headers, first)) {
      policy.disarm(headers);
      return Optional.empty();
    }
    policy.admit(SOURCE, atShell, headers);
    FrameScript.lengthen(headers, markup.length);
    return Optional.of(new Beginning(markup));
  }

  /** Puts markup before a document, behind UTF-8's mark where it begins with that. */
  private static final class Beginning implements FrameScript.Insertion {
    private final byte[] markup;
    private byte[] held = {};
    private boolean begun;

    Beginning(byte[] markup) {
      this.markup = markup;
    }

    @Override
    public ByteBuffer pass(ByteBuffer piece, boolean last) {
      if (begun) {
        return piece;
      }
      ByteBuffer start = ByteBuffer.allocate(held.length + piece.remaining());
      start.put(held).put(piece).flip();
      boolean marked = beginsWithMark(start);
      if (marked && start.remaining() < MARK.length && !last) {
        held = start.array();
        return ByteBuffer.allocate(0);
      }
      begun = true;
      int mark = marked && start.remaining() >= MARK.length ? MARK.length : 0;
      ByteBuffer sent = ByteBuffer.allocate(start.remaining() + markup.length);
      return sent.put(start.slice(0, mark))
          .put(markup)
          .put(start.slice(mark, start.remaining() - mark))
          .flip();
    }

    /** As far as it is there. */
    private static boolean beginsWithMark(ByteBuffer start) {
      for (int i = 0; i < Math.min(MARK.length, start.remaining()); i++) {
        if (start.get(i) != MARK[i]) {
          return false;
        }
      }
      return true;
    }
  }

  private static String hash(String script) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(script.getBytes(StandardCharsets.US_ASCII));
      return Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private static String load() {
    try (InputStream stream = TopLevelGuard.class.getResourceAsStream("guard.js")) {
      if (stream == null) {
        throw new IllegalStateException("this build lacks guard.js");
      }
      return new String(stream.readAllBytes(), StandardCharsets.US_ASCII);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
