package io.dropserver.state;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;

/**
 * Allocates host uids for sandboxes; each is used only once. The high-water mark is in a separate
 * file, so that it survives the loss of the database and the deletion of data folders. Guarded by
 * the lock of {@link DataFolders}.
 */
public final class UidAllocator {
  private final StateFolder state;
  private final int end;
  private int next;

  /**
   * @param first the first uid of the configured range
   * @param count the size of the range
   * @throws StateException if the mark cannot be read
   */
  public UidAllocator(StateFolder state, int first, int count) {
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
              + "); write a number to it that is above every uid in data/*/appspace.json",
          e);
    }
  }

  /** Returns the first uid that is not allocated. */
  public int first() {
    return next;
  }

  /**
   * @throws StateException if the range is exhausted
   */
  int requireInRange(int uid) {
    if (uid >= end) {
      throw new StateException(
          "all host uids of the configured range are used up (the last is "
              + (end - 1)
              + "); widen the range in the host configuration");
    }
    return uid;
  }

  /**
   * Ensures that no lower uid is allocated from now on. Durable when the call returns. Writes
   * nothing if the mark is already high enough.
   */
  void advanceTo(int uid) throws IOException {
    if (uid > next) {
      AtomicFiles.write(state.nextUid(), Integer.toString(uid).getBytes(StandardCharsets.US_ASCII));
      next = uid;
    }
  }
}
