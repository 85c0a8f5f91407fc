package io.dropserver.sandbox.local;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * More room in the server's heap while several appspaces are not quiet. The collector stops all
 * requests for some milliseconds each time the room is used up, and beside busy neighbours that was
 * more than once in two seconds, for the heap is kept small for the time at rest. What is wanted
 * holds from the collector's next mark on, and the first one after {@link #narrow()} gives back
 * what is left. See {@code docs/decisions/0020-one-processor-for-the-quiet.md}. Not thread-safe.
 */
final class HeapRoom {
  private static final Logger LOG = LoggerFactory.getLogger(HeapRoom.class);

  /** Free beside what is in use, however much that is: a share of it would grow with it. */
  private static final long ROOM = 48 << 20;

  /** From the least that is left free to the most. */
  private static final int APART_PERCENT = 10;

  private static final String LEAST_OPTION = "MinHeapFreeRatio";
  private static final String MOST_OPTION = "MaxHeapFreeRatio";

  private final HotSpotDiagnosticMXBean machine =
      ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
  private final Share usual = new Share(value(LEAST_OPTION), value(MOST_OPTION));
  private boolean wide;

  /** Percent of the heap that a mark leaves free at least, and at most. */
  record Share(int least, int most) {

    /**
     * @param used bytes
     */
    static Share beside(long used) {
      int least = (int) (100 * ROOM / (used + ROOM));
      return new Share(least, Math.min(100, least + APART_PERCENT));
    }

    Share orMore(Share other) {
      return new Share(Math.max(least, other.least), Math.max(most, other.most));
    }
  }

  void widen() {
    if (!wide) {
      wide = true;
      long used = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
      set(Share.beside(used).orMore(usual));
    }
  }

  void narrow() {
    if (wide) {
      wide = false;
      set(usual);
    }
  }

  private int value(String option) {
    return Integer.parseInt(machine.getVMOption(option).getValue());
  }

  /** The least may at no time be above the most. */
  private void set(Share share) {
    try {
      machine.setVMOption(LEAST_OPTION, "0");
      machine.setVMOption(MOST_OPTION, Integer.toString(share.most()));
      machine.setVMOption(LEAST_OPTION, Integer.toString(share.least()));
    } catch (IllegalArgumentException e) {
      LOG.debug("the heap stays as it is: {}", e.getMessage());
    }
  }
}
