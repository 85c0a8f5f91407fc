package io.dropserver.web.frame;

import java.nio.ByteBuffer;

/**
 * Inserts markup into an HTML document while it is streamed: after the doctype, so that the
 * document keeps its rendering mode. Without a doctype, inserts the markup before the first element
 * or text. Only comments and white space may precede either (WHATWG HTML, section 13.2.6.4.1).
 * Supports ASCII-compatible encodings. Not thread-safe.
 */
final class HtmlInsertion {
  private static final byte[] BOM = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

  /**
   * The value of {@link #dashes} after {@code --!}. In this state, a {@code >} also ends the
   * comment.
   */
  private static final int BANG = -1;

  private final byte[] markup;
  private State state = State.BEFORE;

  /** Within a comment, the number of dashes directly before this byte, or {@link #BANG}. */
  private int dashes;

  /**
   * The number of bytes of a UTF-8 byte order mark that were read. Three once it can no longer
   * occur.
   */
  private int bomBytes;

  private enum State {
    BEFORE,
    /** The state after {@code <}. If a piece ends here, this byte is held back. */
    OPENED,
    /** The state after {@code <!}. */
    DECLARED,
    /** The state after {@code <!-}. */
    DASHED,
    COMMENT,
    /** A construct that ends at the next {@code >} and is not a doctype. */
    BOGUS_COMMENT,
    DOCTYPE,
    INSERTED
  }

  HtmlInsertion(byte[] markup) {
    this.markup = markup;
  }

  /**
   * Returns the bytes that replace a piece of the document. The markup is inserted at the end of
   * the last piece at the latest.
   *
   * @param piece is consumed; the result may be the same buffer
   */
  ByteBuffer transform(ByteBuffer piece, boolean last) {
    if (state == State.INSERTED) {
      return piece;
    }
    boolean held = state == State.OPENED;
    int place = -1;
    for (int i = piece.position(); i < piece.limit() && state != State.INSERTED; i++) {
      place = scan(piece.get(i), i);
    }
    boolean inserted = state == State.INSERTED;
    boolean waits = !inserted && !last && state == State.OPENED;
    ByteBuffer sent = ByteBuffer.allocate(piece.remaining() + markup.length + 2);
    int before = inserted ? place : piece.limit();
    if (held && before >= piece.position()) {
      sent.put((byte) '<');
    }
    sent.put(piece.slice(piece.position(), Math.max(0, before - piece.position())));
    if (waits) {
      sent.position(sent.position() - 1);
    }
    if (inserted || last) {
      state = State.INSERTED;
      sent.put(markup);
    }
    if (held && before < piece.position()) {
      sent.put((byte) '<');
    }
    int rest = Math.max(before, piece.position());
    sent.put(piece.slice(rest, piece.limit() - rest));
    return sent.flip();
  }

  /**
   * Processes one byte.
   *
   * @return the index before which the markup is inserted; -1 while the state is not INSERTED. An
   *     index before the start of the piece means before the byte that is held back.
   */
  private int scan(byte b, int index) {
    switch (state) {
      case BEFORE -> {
        if (b == '<') {
          state = State.OPENED;
        } else if (bomBytes < BOM.length && b == BOM[bomBytes]) {
          bomBytes++;
          return -1;
        } else if (!blank(b)) {
          return inserted(index);
        }
        bomBytes = BOM.length;
      }
      case OPENED -> {
        if (b == '!') {
          state = State.DECLARED;
        } else if (b == '?') {
          state = State.BOGUS_COMMENT;
        } else {
          return inserted(index - 1);
        }
      }
      case DECLARED -> state = declared(b);
      case DASHED -> {
        dashes = 2; // <!--> is a complete comment
        state = b == '-' ? State.COMMENT : b == '>' ? State.BEFORE : State.BOGUS_COMMENT;
      }
      case COMMENT -> {
        if (b == '>' && (dashes >= 2 || dashes == BANG)) {
          state = State.BEFORE;
        }
        dashes = b == '-' ? Math.max(dashes, 0) + 1 : b == '!' && dashes >= 2 ? BANG : 0;
      }
      case BOGUS_COMMENT -> state = b == '>' ? State.BEFORE : state;
      case DOCTYPE -> {
        if (b == '>') {
          return inserted(index + 1);
        }
      }
      case INSERTED -> throw new IllegalStateException("it is inserted already");
    }
    return -1;
  }

  private static State declared(byte b) {
    return switch (b) {
      case '-' -> State.DASHED;
      case 'd', 'D' -> State.DOCTYPE;
      case '>' -> State.BEFORE;
      default -> State.BOGUS_COMMENT;
    };
  }

  private int inserted(int place) {
    state = State.INSERTED;
    return place;
  }

  private static boolean blank(byte b) {
    return b == ' ' || b == '\t' || b == '\n' || b == '\f' || b == '\r';
  }
}
