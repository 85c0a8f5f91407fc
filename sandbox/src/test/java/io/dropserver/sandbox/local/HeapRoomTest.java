package io.dropserver.sandbox.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HeapRoomTest {
  private final int least = value("MinHeapFreeRatio");
  private final int most = value("MaxHeapFreeRatio");

  @AfterEach
  void asItWas() {
    set(least, most);
  }

  @Test
  void thereIsMoreRoomUntilItIsTakenBack() {
    set(0, 1);
    HeapRoom room = new HeapRoom();
    room.widen();
    room.widen();
    assertThat(value("MinHeapFreeRatio")).isPositive();
    assertThat(value("MaxHeapFreeRatio")).isEqualTo(value("MinHeapFreeRatio") + 10);

    room.narrow();
    assertThat(value("MinHeapFreeRatio")).isZero();
    assertThat(value("MaxHeapFreeRatio")).isOne();
  }

  @Test
  void theRoomDoesNotGrowWithWhatIsInUse() {
    assertThat(HeapRoom.Share.beside(48 << 20)).isEqualTo(new HeapRoom.Share(50, 60));
    assertThat(HeapRoom.Share.beside(432 << 20)).isEqualTo(new HeapRoom.Share(10, 20));
    assertThat(HeapRoom.Share.beside(16L << 30)).isEqualTo(new HeapRoom.Share(0, 10));
    assertThat(HeapRoom.Share.beside(0)).isEqualTo(new HeapRoom.Share(100, 100));
  }

  @Test
  void whoeverHasMoreRoomAnywayKeepsIt() {
    set(90, 100);
    HeapRoom room = new HeapRoom();
    room.widen();
    assertThat(value("MinHeapFreeRatio")).isEqualTo(90);
    assertThat(value("MaxHeapFreeRatio")).isEqualTo(100);
  }

  static int value(String option) {
    return Integer.parseInt(machine().getVMOption(option).getValue());
  }

  static void set(int least, int most) {
    machine().setVMOption("MinHeapFreeRatio", "0");
    machine().setVMOption("MaxHeapFreeRatio", Integer.toString(most));
    machine().setVMOption("MinHeapFreeRatio", Integer.toString(least));
  }

  private static HotSpotDiagnosticMXBean machine() {
    return ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
  }
}
