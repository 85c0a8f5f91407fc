package io.dropserver.web.frame;

import java.nio.ByteBuffer;

/**
 * Puts a piece of markup into an HTML document while that streams by: behind its doctype, so that
 * the document's mode stays what it is, or before its first element or text where there is none.
 * What stands before that are comments and white space; WHATWG HTML, section 13.2.6.4.1. For
 * encodings that write ASCII as ASCII. Confined to one thread.
 */
final class HtmlInsertion {
  private static final byte[] MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

  /** After {@code --!}, which a {@code >} makes an end too. */
  private static final int BANG = -1;

  private final byte[] markup;
  private State state = State.BEFORE;

  /** In a comment: how many dashes stand directly before, or {@link #BANG}. */
  private int dashes;

  /** How much of UTF-8's mark has been seen, which only a document's first bytes are. */
  private int mark;

  private enum State {
    BEFORE,
    /** After {@code <}, which is held back. */
    OPENED,
    /** After {@code <!}. */
    DECLARED,
    /** After {@code <!-}. */
    DASHED,
    COMMENT,
    /** What ends with the next {@code >} and is no doctype. */
    BOGUS_COMMENT,
    DOCTYPE,
    INSERTED
  }

  HtmlInsertion(byte[] markup) {
    this.markup = markup;
  }

  /**
   * What to send in place of a piece; it is inserted at the end of the last one at the latest.
   *
   * @param piece used up; the answer may be the same buffer
   */
  ByteBuffer pass(ByteBuffer piece, boolean last) {
    if (state == State.INSERTED) {
      return piece;
    }
    boolean held = state == State.OPENED;
    int place = -1;
    for (int i = piece.position(); i < piece.limit() && state != State.INSERTED; i++) {
      place = take(piece.get(i), i);
    }
    boolean inserted = state == State.INSERTED;
    boolean holds = !inserted && !last && state == State.OPENED;
    ByteBuffer sent = ByteBuffer.allocate(piece.remaining() + markup.length + 2);
    int before = inserted ? place : piece.limit();
    if (held && before >= piece.position()) {
      sent.put((byte) '<');
    }
    sent.put(piece.slice(piece.position(), Math.max(0, before - piece.position())));
    if (holds) {
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
   * Looks at one byte.
   *
   * @return when that is told by this byte, the index before which it is to be inserted; one less
   *     than the first of a piece means before what is held back
   */
  private int take(byte b, int index) {
    switch (state) {
      case BEFORE -> {
        if (b == '<') {
          state = State.OPENED;
        } else if (mark < MARK.length && b == MARK[mark]) {
          mark++;
          return -1;
        } else if (!blank(b)) {
          return inserted(index);
        }
        mark = MARK.length;
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
        dashes = 2; // <!--> is a whole comment
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
