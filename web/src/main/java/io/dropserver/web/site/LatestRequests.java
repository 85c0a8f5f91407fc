package io.dropserver.web.site;

import io.dropserver.control.VisitorRequest;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** The latest requests of one appspace, in memory. Thread-safe. */
final class LatestRequests {
  static final int COUNT = 10;

  private final AtomicReferenceArray<@Nullable VisitorRequest> slots =
      new AtomicReferenceArray<>(COUNT);

  private final AtomicLong next = new AtomicLong();

  void add(VisitorRequest request) {
    slots.set((int) (next.getAndIncrement() % COUNT), request);
  }

  /** Returns the requests, oldest first. */
  List<VisitorRequest> list() {
    long end = next.get();
    return LongStream.range(Math.max(0, end - COUNT), end)
        .mapToObj(index -> Optional.ofNullable(slots.get((int) (index % COUNT))))
        .flatMap(Optional::stream)
        .toList();
  }
}
