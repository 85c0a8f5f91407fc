package io.dropserver.schema.state;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;

/**
 * Host uids for sandboxes: each is handed out once. The high-water mark is a file of its own, so
 * that it outlives the database and the data folders that were discarded. Used under the lock of
 * {@link DataFolders}.
 */
public final class Uids {
  private final StateFolder state;
  private final int end;
  private int next;

  /**
   * @param first of the configured range
   * @param count how many
   * @throws StateException when the mark cannot be read
   */
  public Uids(StateFolder state, int first, int count) {
    this.state = state;
    this.end = first + count;
    try {
      this.next =
          Files.exists(state.nextUid())
              ? Math.max(first, Integer.parseInt(Files.readString(state.nextUid()).strip()))
              : first;
    } catch (IOException | NumberFormatException e) {
      throw new StateException(
          state.nextUid()
              + " cannot be read ("
              + e.getMessage()
              + "); write into it a number above every uid in data/*/appspace.json",
          e);
    }
  }

  int first() {
    return next;
  }

  /**
   * @throws StateException when the range is used up
   */
  int checked(int uid) {
    if (uid >= end) {
      throw new StateException(
          "all host uids of the configured range are used up (the last is "
              + (end - 1)
              + "); widen the range in the host configuration");
    }
    return uid;
  }

  /** No uid below is handed out from now on. Durable when it returns; no write if it is so. */
  void raise(int uid) throws IOException {
    if (uid > next) {
      AtomicFiles.write(state.nextUid(), Integer.toString(uid).getBytes(StandardCharsets.US_ASCII));
      next = uid;
    }
  }
}
