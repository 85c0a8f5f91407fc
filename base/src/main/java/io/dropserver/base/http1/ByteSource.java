package io.dropserver.base.http1;

import java.io.IOException;
import java.nio.ByteBuffer;

/** The received bytes of a connection. Used by a single thread. */
public interface ByteSource {
  /**
   * Returns the received bytes, from the buffer's position to its limit. To consume them, move the
   * position. A {@link BodyReader} also overwrites what it has consumed.
   */
  ByteBuffer received();

  /**
   * Blocks until {@link #received}, which must be empty, has at least one byte.
   *
   * @return false at the end of the stream
   */
  boolean receive() throws IOException;
}
