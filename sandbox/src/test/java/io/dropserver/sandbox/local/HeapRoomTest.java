package io.dropserver.sandbox.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HeapRoomTest {
  private final int least = value("MinHeapFreeRatio");
  private final int most = value("MaxHeapFreeRatio");

  @BeforeEach
  void asTheServerBegins() {
    set(10, 20);
  }

  @AfterEach
  void asItWas() {
    set(least, most);
  }

  @Test
  void thereIsMoreRoomUntilItIsTakenBack() {
    HeapRoom room = new HeapRoom();
    room.widen();
    room.widen();
    assertThat(value("MinHeapFreeRatio")).isEqualTo(HeapRoom.LEAST);
    assertThat(value("MaxHeapFreeRatio")).isEqualTo(HeapRoom.MOST);

    room.narrow();
    assertThat(value("MinHeapFreeRatio")).isEqualTo(10);
    assertThat(value("MaxHeapFreeRatio")).isEqualTo(20);
  }

  @Test
  void whoeverHasMoreRoomAnywayKeepsIt() {
    set(70, 80);
    HeapRoom room = new HeapRoom();
    room.widen();
    assertThat(value("MinHeapFreeRatio")).isEqualTo(70);
    assertThat(value("MaxHeapFreeRatio")).isEqualTo(80);
  }

  static int value(String option) {
    return Integer.parseInt(machine().getVMOption(option).getValue());
  }

  private static void set(int least, int most) {
    machine().setVMOption("MinHeapFreeRatio", "0");
    machine().setVMOption("MaxHeapFreeRatio", Integer.toString(most));
    machine().setVMOption("MinHeapFreeRatio", Integer.toString(least));
  }

  private static HotSpotDiagnosticMXBean machine() {
    return ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
  }
}
